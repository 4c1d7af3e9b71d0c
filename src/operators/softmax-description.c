#include "src/operators/softmax-description.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/xnnx/thread-local.h"

struct xnnx_softmax_description xnnx_describe_softmax(
    size_t batch_size,
    size_t channels,
    enum xnnx_softmax_algorithm algorithm,
    bool stream,
    const struct xnnx_softmax_kernels* kernels)
{
  struct xnnx_softmax_description description = {
    .batch_size = batch_size,
    .channels = channels,
    .algorithm = xnnx_softmax_algorithm_name(algorithm),
    .stream = stream,
  };
  switch (algorithm) {
    case xnnx_softmax_one_pass:
      description.isa = xnnx_isa_name(kernels->softmaxrows_identity.isa);
      description.kernels[0] = kernels->softmaxrows_identity.name;
      break;
    case xnnx_softmax_two_pass:
      description.isa = xnnx_isa_name(kernels->raddextexp_identity.isa);
      description.kernels[0] = kernels->raddextexp_identity.name;
      description.kernels[1] = kernels->vscaleextexp_identity.name;
      break;
    case xnnx_softmax_three_pass_recompute:
      description.isa = xnnx_isa_name(kernels->raddexpminusmax_identity.isa);
      description.kernels[0] = kernels->rmax_identity.name;
      description.kernels[1] = kernels->raddexpminusmax_identity.name;
      description.kernels[2] = kernels->vscaleexpminusmax_identity.name;
      break;
    case xnnx_softmax_three_pass_reload:
      description.isa = xnnx_isa_name(kernels->raddstoreexpminusmax_identity.isa);
      description.kernels[0] = kernels->rmax_identity.name;
      description.kernels[1] = kernels->raddstoreexpminusmax_identity.name;
      description.kernels[2] = kernels->vmulc_identity.name;
      break;
    case xnnx_softmax_blocked:
      description.isa = xnnx_isa_name(kernels->raddstoreexpminusmax_identity.isa);
      if (!stream && channels > XNNX_SHORT_ROW_CHANNELS && channels <= XNNX_CACHED_ROW_CHANNELS) {
        description.kernels[0] = kernels->softmaxrows_identity.name;
      } else {
        description.kernels[0] = kernels->rmax_identity.name;
        description.kernels[1] = kernels->raddstoreexpminusmax_identity.name;
        description.kernels[2] = kernels->vmulc_identity.name;
      }
      break;
  }
  return description;
}

// The calling thread's buffer, which is freed when the thread ends; NULL if there is no memory.
enum { text_bytes = 512 };

static XNNX_THREAD_LOCAL char* text_of_thread;
static pthread_key_t text_key;
static bool has_text_key;

static void create_text_key(void)
{
  has_text_key = pthread_key_create(&text_key, free) == 0;
}

static char* get_text(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  if (text_of_thread == NULL) {
    pthread_once(&once, create_text_key);
    char* text = has_text_key ? malloc(text_bytes) : NULL;
    if (text != NULL && pthread_setspecific(text_key, text) == 0) {
      text_of_thread = text;
    } else {
      free(text);
    }
  }
  return text_of_thread;
}

const char* xnnx_format_softmax_description(const struct xnnx_softmax_description* description)
{
  char* text = get_text();
  if (text == NULL) {
    return "softmax, for whose description there is no memory";
  }
  int length = snprintf(
      text, text_bytes, "softmax %zu x %zu: %s on %s", description->batch_size, description->channels,
      description->algorithm, description->isa);
  for (size_t i = 0; i < 3 && description->kernels[i] != NULL; i++) {
    length += snprintf(
        text + length, text_bytes - (size_t) length, "%s%s", i == 0 ? ": " : ", ", description->kernels[i]);
  }
  if (description->stream) {
    snprintf(text + length, text_bytes - (size_t) length, ", past the caches");
  }
  return text;
}
