/* The door of an isolated network: hands TCP connections on to a Unix socket, in both directions.
 *
 *     door PORT PATH
 *
 * Algorithms connect to PORT of its container, and reach what listens on the socket PATH: their
 * node's proxy. It is all that there is in its image, hence without a C library; `make door` builds
 * it for the processors that Docker runs on. Each direction of a connection is a process, so that
 * nothing waits for anything else. */

enum { AF_UNIX = 1, AF_INET = 2, SOCK_STREAM = 1, SOL_SOCKET = 1, SO_REUSEADDR = 2, SIGCHLD = 17,
       SHUT_WR = 1, SHUT_RDWR = 2, BACKLOG = 128, LONGEST_PATH = 107, BUFFER = 65536 };

struct internet_address { unsigned short family, port; unsigned int host; char rest[8]; };
struct unix_address { unsigned short family; char path[LONGEST_PATH + 1]; };
struct signal_action { long handler; unsigned long flags, restorer, mask; };

#if defined(__x86_64__)

enum { READ = 0, WRITE = 1, CLOSE = 3, RT_SIGACTION = 13, SOCKET = 41, CONNECT = 42, ACCEPT = 43,
       SHUTDOWN = 48, BIND = 49, LISTEN = 50, SETSOCKOPT = 54, CLONE = 56, EXIT_GROUP = 231 };

static long call(long number, long a, long b, long c, long d, long e)
{
    long answer;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall" : "=a"(answer)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return answer;
}

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");

#elif defined(__aarch64__)

enum { CLOSE = 57, READ = 63, WRITE = 64, EXIT_GROUP = 94, RT_SIGACTION = 134, SOCKET = 198,
       BIND = 200, LISTEN = 201, ACCEPT = 202, CONNECT = 203, SETSOCKOPT = 208, SHUTDOWN = 210,
       CLONE = 220 };

static long call(long number, long a, long b, long c, long d, long e)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}

__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tmov x0, sp\n\tbl begin\n");

#endif

static void leave(int code)
{
    for (;;)
        call(EXIT_GROUP, code, 0, 0, 0, 0);
}

static long fork(void)
{
    return call(CLONE, SIGCHLD, 0, 0, 0, 0);
}

/* Hand on what comes in at `from` until that ends; then nothing more goes out at `to`. */
static void pump(long from, long to)
{
    static char buffer[BUFFER];
    long got, sent, written;

    while ((got = call(READ, from, (long)buffer, BUFFER, 0, 0)) > 0)
        for (sent = 0; sent < got; sent += written)
            if ((written = call(WRITE, to, (long)buffer + sent, got - sent, 0, 0)) <= 0) {
                call(SHUTDOWN, from, SHUT_RDWR, 0, 0, 0);
                call(SHUTDOWN, to, SHUT_RDWR, 0, 0, 0);
                leave(0);
            }
    call(SHUTDOWN, to, got == 0 ? SHUT_WR : SHUT_RDWR, 0, 0, 0);
    leave(0);
}

static void serve(long visitor, struct unix_address *address)
{
    long inside = call(SOCKET, AF_UNIX, SOCK_STREAM, 0, 0, 0);

    if (call(CONNECT, inside, (long)address, sizeof *address, 0, 0) < 0)
        leave(1);
    if (fork() == 0)
        pump(visitor, inside);
    pump(inside, visitor);
}

__attribute__((used)) void begin(long *stack)
{
    long count = stack[0], door, visitor, one = 1;
    char **words = (char **)(stack + 1);
    static struct internet_address here = { .family = AF_INET };
    static struct unix_address there = { .family = AF_UNIX };
    static struct signal_action ignore = { .handler = 1 };
    unsigned int port = 0, i;

    if (count != 3)
        leave(2);
    for (i = 0; words[1][i]; i++)
        port = port * 10 + (words[1][i] - '0');
    here.port = (unsigned short)(port << 8 | port >> 8);
    for (i = 0; words[2][i] && i < LONGEST_PATH; i++)
        ((volatile char *)there.path)[i] = words[2][i];
    call(RT_SIGACTION, SIGCHLD, (long)&ignore, 0, 8, 0); /* ended children are nobody's concern */

    door = call(SOCKET, AF_INET, SOCK_STREAM, 0, 0, 0);
    call(SETSOCKOPT, door, SOL_SOCKET, SO_REUSEADDR, (long)&one, 4);
    if (call(BIND, door, (long)&here, sizeof here, 0, 0) < 0)
        leave(3);
    if (call(LISTEN, door, BACKLOG, 0, 0, 0) < 0)
        leave(4);
    for (;;) {
        visitor = call(ACCEPT, door, 0, 0, 0, 0);
        if (visitor < 0)
            continue;
        if (fork() == 0) {
            call(CLOSE, door, 0, 0, 0, 0);
            serve(visitor, &there);
        }
        call(CLOSE, visitor, 0, 0, 0, 0);
    }
}
