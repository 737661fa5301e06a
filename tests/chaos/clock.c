/* A clock that can be told to jump, for processes that are started with this in LD_PRELOAD.

   The file that XINWANG_CLOCK names begins with a number of eight bytes: by how many seconds the
   time of day is ahead. It is looked at each time. Time that only runs (CLOCK_MONOTONIC) stays what
   it is, as on a machine whose clock is set. (libfaketime breaks sleeping for whoever wants that.) */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int (*real_clock)(clockid_t, struct timespec *);
static const volatile long long *ahead;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("XINWANG_CLOCK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  real_clock = dlsym(RTLD_NEXT, "clock_gettime");
  if (file >= 0) {
    void *page = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
    if (page != MAP_FAILED) ahead = page;
    close(file);
  }
}

int clock_gettime(clockid_t which, struct timespec *now) {
  if (!real_clock) begin();
  int failed = real_clock(which, now);
  if (!failed && ahead && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
    now->tv_sec += *ahead;
  return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec exact;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *stored) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME_COARSE, &exact);
  if (stored) *stored = exact.tv_sec;
  return exact.tv_sec;
}
