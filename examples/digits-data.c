#include "examples/digits-data.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/failure.h"
#include "examples/softmax-graph.h"

enum {
  bytes_per_float = 4,
  largest_pixel = 16,
  model_bytes = (digits_classes * digits_pixels + digits_classes) * bytes_per_float,
  record_bytes = digits_pixels + 1,
  most_records = 10000,
};

struct bytes {
  char path[4096];  // for error messages
  size_t count;
  uint8_t* data;
};

// Reads the whole of a file of at most `most_bytes` bytes.
static struct bytes read_file(const char* folder, const char* name, size_t most_bytes) {
  struct bytes bytes = {.data = malloc(most_bytes + 1)};
  if (bytes.data == NULL) {
    fail("no memory for %zu bytes", most_bytes + 1);
  }
  const int length = snprintf(bytes.path, sizeof(bytes.path), "%s/%s", folder, name);
  if (length < 0 || (size_t) length >= sizeof(bytes.path)) {
    fail("the name of the data folder is too long");
  }
  FILE* file = fopen(bytes.path, "rb");
  if (file == NULL) {
    fail("cannot open %s: %s", bytes.path, strerror(errno));
  }
  bytes.count = fread(bytes.data, 1, most_bytes + 1, file);
  if (ferror(file)) {
    fail("cannot read %s: %s", bytes.path, strerror(errno));
  }
  fclose(file);
  return bytes;
}

static float little_endian_float(const uint8_t bytes[bytes_per_float]) {
  const uint32_t bits =
      (uint32_t) bytes[0] | (uint32_t) bytes[1] << 8 | (uint32_t) bytes[2] << 16 | (uint32_t) bytes[3] << 24;
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

struct digits_model read_digits_model(const char* folder) {
  const struct bytes file = read_file(folder, "digits-model.bin", model_bytes);
  if (file.count != model_bytes) {
    fail("%s must have exactly %d bytes", file.path, (int) model_bytes);
  }
  struct digits_model model;
  const uint8_t* next = file.data;
  for (size_t digit = 0; digit < digits_classes; digit++) {
    for (size_t pixel = 0; pixel < digits_pixels; pixel++, next += bytes_per_float) {
      model.weights[digit][pixel] = little_endian_float(next);
    }
  }
  for (size_t digit = 0; digit < digits_classes; digit++, next += bytes_per_float) {
    model.biases[digit] = little_endian_float(next);
  }
  free(file.data);
  return model;
}

struct digits_images read_digits_images(const char* folder) {
  const struct bytes file = read_file(folder, "digits-held-out.bin", (size_t) most_records * record_bytes);
  const size_t count = file.count / record_bytes;
  if (count == 0 || count > most_records || file.count % record_bytes != 0) {
    fail("%s must hold 1 to %d records of %d bytes", file.path, (int) most_records, (int) record_bytes);
  }
  struct digits_images images = {
      .count = count, .pixels = allocate_tensor(count * digits_pixels), .labels = malloc(count)};
  if (images.labels == NULL) {
    fail("no memory for %zu labels", count);
  }
  for (size_t image = 0; image < count; image++) {
    const uint8_t* record = file.data + image * record_bytes;
    for (size_t pixel = 0; pixel < digits_pixels; pixel++) {
      if (record[pixel] > largest_pixel) {
        fail("%s: image %zu has a pixel of %d, above %d", file.path, image, record[pixel], (int) largest_pixel);
      }
      images.pixels[image * digits_pixels + pixel] = record[pixel];
    }
    images.labels[image] = record[digits_pixels];
    if (images.labels[image] >= digits_classes) {
      fail("%s: image %zu is labelled %d, which is no digit", file.path, image, images.labels[image]);
    }
  }
  free(file.data);
  return images;
}
