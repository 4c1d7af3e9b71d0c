#include "src/graph/graph-settings.h"

#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct xnnx_graph_settings settings;
static pthread_once_t settings_once = PTHREAD_ONCE_INIT;

// Like XNNX_MAX_ISA, a variable that says something else is an error.
static bool is_one(const char* variable)
{
  const char* value = getenv(variable);
  if (value == NULL || strcmp(value, "") == 0 || strcmp(value, "0") == 0) {
    return false;
  }
  if (strcmp(value, "1") != 0) {
    snprintf(settings.error, sizeof(settings.error), "%s=%.64s is neither 0 nor 1", variable, value);
  }
  return strcmp(value, "1") == 0;
}

static void read_environment(void)
{
  settings.is_disabled = is_one("XNNX_DISABLE");
  settings.is_verbose = is_one("XNNX_VERBOSE");
}

const struct xnnx_graph_settings* xnnx_graph_settings(void)
{
  pthread_once(&settings_once, read_environment);
  return &settings;
}

void xnnx_graph_say(const char* format, ...)
{
  if (!xnnx_graph_settings()->is_verbose) {
    return;
  }
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  fprintf(stderr, "xnnpack-softmax: %s\n", line);
}
