// A program that forks while its threads run softmaxes; graph-preload-test.sh preloads our library into it. Children run
// the softmaxes as well, and end by an alarm if they hang. Prints how many did not.

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xnnpack.h>

enum { THREADS = 4, CHILDREN = 200, CHANNELS = 8 };

static xnn_operator_t softmaxes[THREADS];
static atomic_bool stop;

static void set_up(xnn_operator_t softmax)
{
  static float tensors[2][CHANNELS + XNN_EXTRA_BYTES / sizeof(float)];
  xnn_setup_softmax_nc_f32(softmax, 1, tensors[0], tensors[1], NULL);
}

static void* run_softmax(void* softmax)
{
  while (!atomic_load(&stop)) {
    xnn_operator_t other = NULL;
    xnn_create_softmax_nc_f32(CHANNELS, CHANNELS, CHANNELS, 0, &other);
    set_up(other);
    xnn_run_operator(softmax, NULL);
    xnn_delete_operator(other);
  }
  return NULL;
}

static void be_child(void)
{
  alarm(5);
  xnn_operator_t other = NULL;
  xnn_create_softmax_nc_f32(CHANNELS, CHANNELS, CHANNELS, 0, &other);
  for (int i = 0; i < THREADS; i++) {
    xnn_run_operator(softmaxes[i], NULL);
  }
  xnn_delete_operator(other);
  _exit(0);
}

int main(void)
{
  pthread_t threads[THREADS];
  xnn_initialize(NULL);
  for (int i = 0; i < THREADS; i++) {
    xnn_create_softmax_nc_f32(CHANNELS, CHANNELS, CHANNELS, 0, &softmaxes[i]);
    set_up(softmaxes[i]);
    pthread_create(&threads[i], NULL, run_softmax, softmaxes[i]);
  }
  int ended = 0;
  int hung = 0;
  for (int i = 0; i < CHILDREN && hung < 2; i++) {
    const pid_t child = fork();
    if (child == 0) {
      be_child();
    }
    int status;
    waitpid(child, &status, 0);
    ended += WIFEXITED(status);
    hung += !WIFEXITED(status);
  }
  atomic_store(&stop, true);
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
  }
  printf("%d children ended\n", ended);
  return 0;
}
