// Prints the softmax of the numbers in a text file: operator-alone examples/data/logits.txt
#include <stdio.h>
#include <stdlib.h>
#include <xnnpack-softmax.h>

int main(int argument_count, char** arguments) {
  FILE* file = argument_count == 2 ? fopen(arguments[1], "r") : NULL;
  if (file == NULL) {
    fprintf(stderr, "usage: operator-alone <readable file of numbers separated by white space>\n");
    return EXIT_FAILURE;
  }
  float* values = NULL;
  size_t count = 0;
  for (float value; fscanf(file, "%f", &value) == 1; values[count++] = value) {
    if ((count & (count - 1)) == 0 && (values = realloc(values, (count ? 2 * count : 1) * sizeof(float))) == NULL) {
      fprintf(stderr, "no memory for more than %zu numbers\n", count);
      return EXIT_FAILURE;
    }
  }
  if (!feof(file)) {
    fprintf(stderr, "%s: what follows the first %zu numbers is not a number\n", arguments[1], count);
    return EXIT_FAILURE;
  }
  xnnx_operator_t softmax = NULL;
  if (xnnx_create_softmax_nc_f32(/*flags=*/0, &softmax) != xnn_status_success ||
      xnnx_reshape_softmax_nc_f32(softmax, count, count, count, /*batch_size=*/1, NULL) != xnn_status_success ||
      xnnx_setup_softmax_nc_f32(softmax, values, values) != xnn_status_success ||  // in place
      xnnx_run_operator(softmax, /*threadpool=*/NULL) != xnn_status_success) {
    fprintf(stderr, "%s\n", xnnx_last_error());
    return EXIT_FAILURE;
  }
  for (size_t i = 0; i < count; i++) {
    printf("%.9g\n", values[i]);
  }
  xnnx_delete_operator(softmax);
  free(values);
  fclose(file);
  return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
