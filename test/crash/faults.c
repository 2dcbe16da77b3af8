/*
 * Loaded into a process by LD_PRELOAD: sees every file operation in one folder, writes it down,
 * and fails one of them or kills the process at it.
 *
 *   CRASH_ROOT     the folder, as an absolute path; operations elsewhere pass untouched
 *   CRASH_JOURNAL  the file for each operation with its data, and for all that is said
 *   CRASH_FAULT    "<act> <kind> <n> [ever]": what happens to the nth operation of a kind, or to
 *                  every one from the nth. Kinds: sync (of a file); folder (the sync
 *                  of one); write; change (create, truncate, rename,
 *                  link, unlink, mkdir). Acts: before, after, half (kill there); EIO, ENOSPC
 *                  (fail); lose (fail with EIO and kill); short (write half, without an error)
 *   CRASH_SLOW_US  how much longer each sync takes
 *
 * What is written through a shared mapping is not seen. SQLite maps only the index of its
 * write-ahead log, and makes that anew after every crash.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { SYNC, FOLDER_SYNC, WRITE, CHANGE, KINDS };
enum act { PASS, BEFORE, AFTER, HALF, SHORT, LOSE, FAIL };
/* journal.ts knows these numbers, and the layout of `head`. */
enum entry { CREATED, FOLDER, WRITTEN, TRUNCATED, SYNCED, FAILED, RENAMED, LINKED, UNLINKED, SAID,
             HIT };
/* Stands before the path and the data of an operation. The offset of a sync is its kind. */
struct head { uint64_t inode, offset; uint32_t entry, path_length, data_length, padding; };

static const char *const kind_names[] = {"sync", "folder", "write", "change"};
static const char *const act_names[] = {"", "before", "after", "half", "short", "lose"};
#define MAX_FD 4096
/* Where the process says what it promises. */
#define SAYING_FD 3
/* Before a kill: long enough for another thread to tell of a promise that was given too early. */
#define LAST_WORDS_US 30000

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off64_t);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_link)(const char *, const char *);
static int (*real_unlink)(const char *);
static int (*real_mkdir)(const char *, mode_t);

static const char *root;
static int journal = -1;
static useconds_t slow_us;
static struct { enum act act; enum kind kind; int error, ever; long at; } fault;

/* One operation at a time, so that the journal has them in their order. Guards what follows. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
/* What each descriptor was opened on; 0: on nothing of ours. */
static struct { dev_t device; ino_t inode; } watched[MAX_FD];
static long counts[KINDS];

static void give_up(const char *why) {
  fprintf(stderr, "faults.c: %s\n", why);
  abort();
}

static void read_fault(const char *text) {
  char act[16], kind[16], ever[16] = "";
  if (sscanf(text, "%15s %15s %ld %15s", act, kind, &fault.at, ever) < 3) give_up("what fault?");
  fault.ever = strcmp(ever, "ever") == 0;
  fault.error = strcmp(act, "ENOSPC") == 0 ? ENOSPC : EIO;
  if (strcmp(act, "ENOSPC") == 0 || strcmp(act, "EIO") == 0) fault.act = FAIL;
  for (int i = BEFORE; i < FAIL; i++)
    if (strcmp(act, act_names[i]) == 0) fault.act = i;
  while (fault.kind < KINDS && strcmp(kind, kind_names[fault.kind]) != 0) fault.kind++;
  if (fault.act == PASS || fault.kind == KINDS) give_up("no such fault");
}

__attribute__((constructor)) static void prepare(void) {
  real_open = dlsym(RTLD_NEXT, "open64");
  real_openat = dlsym(RTLD_NEXT, "openat64");
  real_write = dlsym(RTLD_NEXT, "write");
  real_writev = dlsym(RTLD_NEXT, "writev");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_rename = dlsym(RTLD_NEXT, "rename");
  real_link = dlsym(RTLD_NEXT, "link");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_mkdir = dlsym(RTLD_NEXT, "mkdir");
  const char *path = getenv("CRASH_JOURNAL"), *slow = getenv("CRASH_SLOW_US");
  if (getenv("CRASH_FAULT")) read_fault(getenv("CRASH_FAULT"));
  if (slow) slow_us = strtoul(slow, NULL, 10);
  if (path && (journal = real_open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) < 0)
    give_up("the journal cannot be opened");
  root = getenv("CRASH_ROOT");
}

static int is_below(const char *path) {
  size_t length = root ? strlen(root) : 0;
  return length > 0 && strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* libuv closes by a system call of its own, unseen: the number may be that of something else by now. */
static int is_watched(int fd) {
  struct stat is;
  return fd >= 0 && fd < MAX_FD && watched[fd].inode && fstat(fd, &is) == 0 &&
         is.st_ino == watched[fd].inode && is.st_dev == watched[fd].device;
}

static void watch(int fd) {
  struct stat is = {0};
  if (fd >= MAX_FD) give_up("too many files");
  if (fstat(fd, &is) != 0) give_up("what file?");
  watched[fd].inode = is.st_ino;
  watched[fd].device = is.st_dev;
}

static uint64_t inode_of(int fd) { return watched[fd].inode; }

static void put(const void *bytes, size_t length) {
  for (const char *at = bytes; length > 0;) {
    ssize_t n = real_write(journal, at, length);
    if (n <= 0) give_up("the journal cannot be written");
    at += n;
    length -= n;
  }
}

static void note(enum entry entry, uint64_t inode, uint64_t offset, const char *path,
                 const void *data, size_t length) {
  struct head head = {inode, offset, entry, path ? strlen(path) : 0, length, 0};
  if (journal < 0) return;
  put(&head, sizeof head);
  put(path, head.path_length);
  put(data, length);
}

static void die(void) {
  pthread_mutex_unlock(&turn);
  usleep(LAST_WORDS_US);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* Takes the turn. Returns -1, with errno set, where the operation must fail; `end` follows. */
static int begin(enum kind kind, uint64_t inode, enum act *act) {
  pthread_mutex_lock(&turn);
  long n = ++counts[kind];
  *act = fault.kind == kind && (n == fault.at || (fault.ever && n > fault.at)) ? fault.act : PASS;
  if (*act != PASS) note(HIT, inode, 0, NULL, NULL, 0);
  if (*act == BEFORE) die();
  errno = fault.error;
  return *act == FAIL || *act == LOSE ? -1 : 0;
}

static void end(enum act act) {
  int kept = errno;
  if (act == AFTER || act == HALF || act == LOSE) die();
  pthread_mutex_unlock(&turn);
  errno = kept;
}

static int open_below(const char *path, int flags, mode_t mode) {
  struct stat is;
  int exists = stat(path, &is) == 0, creates = (flags & O_CREAT) && !exists;
  int truncates = exists && (flags & O_TRUNC) && is.st_size > 0, fd = -1;
  enum act act = PASS;
  if (!creates && !truncates) pthread_mutex_lock(&turn);
  if ((!creates && !truncates) || begin(CHANGE, 0, &act) == 0) fd = real_open(path, flags, mode);
  if (fd >= 0) watch(fd);
  if (fd >= 0 && creates) note(CREATED, inode_of(fd), 0, path, NULL, 0);
  if (fd >= 0 && truncates) note(TRUNCATED, inode_of(fd), 0, NULL, NULL, 0);
  end(act);
  return fd;
}

static mode_t mode_in(int flags, va_list rest) {
  return flags & O_CREAT ? va_arg(rest, mode_t) : 0;
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_in(flags, rest);
  va_end(rest);
  return is_below(path) ? open_below(path, flags, mode) : real_open(path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_in(flags, rest);
  va_end(rest);
  return is_below(path) ? open_below(path, flags, mode) : real_openat(folder, path, flags, mode);
}

/* Offset -1: where the file stands. */
static ssize_t write_below(int fd, const void *bytes, size_t length, off64_t offset) {
  uint64_t inode = inode_of(fd);
  enum act act;
  ssize_t n = -1;
  if (begin(WRITE, inode, &act) == 0) {
    if ((act == HALF || act == SHORT) && length > 1) length /= 2;
    n = offset < 0 ? real_write(fd, bytes, length) : real_pwrite(fd, bytes, length, offset);
    if (n > 0 && offset < 0) offset = lseek64(fd, 0, SEEK_CUR) - n;
    if (n > 0) note(WRITTEN, inode, offset, NULL, bytes, n);
  }
  end(act);
  return n;
}

static ssize_t write_parts(int fd, const struct iovec *parts, int count, off64_t offset) {
  size_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  char *whole = malloc(length + 1), *at = whole;
  for (int i = 0; i < count; i++) at = mempcpy(at, parts[i].iov_base, parts[i].iov_len);
  ssize_t n = write_below(fd, whole, length, offset);
  free(whole);
  return n;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  if (is_watched(fd)) return write_below(fd, bytes, length, -1);
  if (fd != SAYING_FD) return real_write(fd, bytes, length);
  pthread_mutex_lock(&turn);
  ssize_t n = real_write(fd, bytes, length);
  if (n > 0) note(SAID, 0, 0, NULL, bytes, n);
  end(PASS);
  return n;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  if (!is_watched(fd)) return real_pwrite(fd, bytes, length, offset);
  return write_below(fd, bytes, length, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  return is_watched(fd) ? write_parts(fd, parts, count, -1) : real_writev(fd, parts, count);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  if (!is_watched(fd)) return real_pwritev(fd, parts, count, offset);
  return write_parts(fd, parts, count, offset);
}

int ftruncate64(int fd, off64_t size) {
  if (!is_watched(fd)) return real_ftruncate(fd, size);
  enum act act;
  int result = begin(CHANGE, 0, &act) == 0 ? real_ftruncate(fd, size) : -1;
  if (result == 0) note(TRUNCATED, inode_of(fd), size, NULL, NULL, 0);
  end(act);
  return result;
}

static int sync_below(int fd, int (*real)(int)) {
  uint64_t inode = inode_of(fd);
  struct stat is;
  enum act act;
  enum kind kind = fstat(fd, &is) == 0 && S_ISDIR(is.st_mode) ? FOLDER_SYNC : SYNC;
  if (slow_us) usleep(slow_us);
  int result = begin(kind, inode, &act) == 0 ? real(fd) : -1, error = errno;
  note(result == 0 ? SYNCED : FAILED, inode, kind, NULL, NULL, 0);
  errno = error;
  end(act);
  return result;
}

int fsync(int fd) { return is_watched(fd) ? sync_below(fd, real_fsync) : real_fsync(fd); }
int fdatasync(int fd) {
  return is_watched(fd) ? sync_below(fd, real_fdatasync) : real_fdatasync(fd);
}

static int name_below(int (*real)(const char *, const char *), enum entry entry, const char *from,
                      const char *to) {
  if (!is_below(from) && !is_below(to)) return real(from, to);
  enum act act;
  int result = begin(CHANGE, 0, &act) == 0 ? real(from, to) : -1;
  if (result == 0) note(entry, 0, 0, from, to, strlen(to));
  end(act);
  return result;
}

int rename(const char *from, const char *to) { return name_below(real_rename, RENAMED, from, to); }
int link(const char *from, const char *to) { return name_below(real_link, LINKED, from, to); }

int unlink(const char *path) {
  if (!is_below(path)) return real_unlink(path);
  enum act act;
  int result = begin(CHANGE, 0, &act) == 0 ? real_unlink(path) : -1;
  if (result == 0) note(UNLINKED, 0, 0, path, NULL, 0);
  end(act);
  return result;
}

int mkdir(const char *path, mode_t mode) {
  if (!is_below(path)) return real_mkdir(path, mode);
  struct stat is = {0};
  enum act act;
  int result = begin(CHANGE, 0, &act) == 0 ? real_mkdir(path, mode) : -1;
  if (result == 0 && stat(path, &is) == 0) note(FOLDER, is.st_ino, 0, path, NULL, 0);
  end(act);
  return result;
}

/* The same, as other programs call them: a 64-bit system has no other offsets. */
int open(const char *, int, ...) __attribute__((alias("open64")));
int openat(int, const char *, int, ...) __attribute__((alias("openat64")));
ssize_t pwrite(int, const void *, size_t, off_t) __attribute__((alias("pwrite64")));
ssize_t pwritev(int, const struct iovec *, int, off_t) __attribute__((alias("pwritev64")));
int ftruncate(int, off_t) __attribute__((alias("ftruncate64")));
