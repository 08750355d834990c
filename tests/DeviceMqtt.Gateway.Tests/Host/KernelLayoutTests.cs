using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using DeviceMqtt.Gateway.Polling;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>
/// What the code says of Linux (numbers, lengths of structures, where their members begin) is what the headers of the C library say, for each processor
/// that a package is made for. A C compiler for that processor compares them; nothing is run, so the test needs no such processor.
/// </summary>
[TestClass]
public sealed class KernelLayoutTests
{
    private const string Headers = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <poll.h>
        #include <stddef.h>
        #include <linux/tcp.h>
        #include <netinet/in.h>
        #include <sys/epoll.h>
        #include <sys/eventfd.h>
        #include <sys/ioctl.h>
        #include <sys/mman.h>
        #include <sys/resource.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/timex.h>
        #include <sys/types.h>
        #include <unistd.h>

        """;

    // A constant of the code, and what C calls it.
    private static readonly (string Type, string Constant, string InC)[] Constants =
    [
        ("Gateway.Polling.LinuxSockets", "Again", "EAGAIN"), ("Gateway.Polling.LinuxSockets", "Interrupted", "EINTR"),
        ("Gateway.Polling.LinuxSockets", "TooManyFiles", "EMFILE"), ("Gateway.Polling.LinuxSockets", "TooManyFilesOfAll", "ENFILE"),
        ("Gateway.Polling.LinuxSockets", "NoMemory", "ENOMEM"), ("Gateway.Polling.LinuxSockets", "NoBuffers", "ENOBUFS"),
        ("Gateway.Polling.LinuxSockets", "In", "EPOLLIN"), ("Gateway.Polling.LinuxSockets", "Out", "EPOLLOUT"),
        ("Gateway.Polling.LinuxSockets", "Error", "EPOLLERR"), ("Gateway.Polling.LinuxSockets", "HungUp", "EPOLLHUP"),
        ("Gateway.Polling.LinuxSockets", "PeerHungUp", "EPOLLRDHUP"), ("Gateway.Polling.LinuxSockets", "EdgeTriggered", "EPOLLET"),
        ("Gateway.Polling.LinuxSockets", "Add", "EPOLL_CTL_ADD"), ("Gateway.Polling.LinuxSockets", "Change", "EPOLL_CTL_MOD"),
        ("Gateway.Polling.LinuxSockets", "LevelSocket", "SOL_SOCKET"), ("Gateway.Polling.LinuxSockets", "Linger", "SO_LINGER"),
        ("Gateway.Polling.LinuxSockets", "Urgent", "EPOLLPRI"), ("Gateway.Polling.LinuxSockets", "NoSignal", "MSG_NOSIGNAL"),
        ("Gateway.Polling.LinuxSockets", "AcceptFlags", "(SOCK_NONBLOCK | SOCK_CLOEXEC)"), ("Gateway.Polling.LinuxSockets", "CloseOnExec", "EPOLL_CLOEXEC"),
        ("Gateway.Polling.LinuxSockets", "CloseOnExec", "EFD_CLOEXEC"), ("Gateway.Polling.LinuxSockets", "NonBlocking", "EFD_NONBLOCK"),
        ("Gateway.Polling.LinuxSockets", "NonBlocking", "O_NONBLOCK"), ("Gateway.Polling.LinuxSockets", "SetFlags", "F_SETFL"),
        ("Gateway.Polling.LinuxSockets", "ShutWrite", "SHUT_WR"), ("Gateway.Polling.LinuxSockets", "ShutBoth", "SHUT_RDWR"),
        ("Gateway.Polling.LinuxSockets", "AddressBytesMax", "sizeof(struct sockaddr_storage)"), ("Gateway.Polling.LinuxSockets", "FamilyOfIPv4", "AF_INET"),
        ("Gateway.Polling.LinuxSockets", "FamilyOfIPv6", "AF_INET6"),
        ("Gateway.Polling.TcpInfo", "Level", "IPPROTO_TCP"), ("Gateway.Polling.TcpInfo", "Option", "TCP_INFO"),
        ("Gateway.Polling.TcpInfo", "BytesAckedOffset", "offsetof(struct tcp_info, tcpi_bytes_acked)"),
        ("Gateway.Composition.OpenFiles", "NumberOfOpenFiles", "RLIMIT_NOFILE"), ("Gateway.Composition.AssemblyPages", "DontNeed", "MADV_DONTNEED"),
        ("Gateway.Observability.StandardStream", "BadFile", "EBADF"), ("Gateway.Observability.StandardStream", "Interrupted", "EINTR"),
        ("Gateway.Observability.StandardStream", "ReaderGone", "EPIPE"), ("Gateway.Observability.StandardStream", "PollOut", "POLLOUT"),
        ("Gateway.Observability.StandardStream", "GetFlags", "F_GETFD"), ("Gateway.Observability.StandardStream", "CloseOnExec", "FD_CLOEXEC"),
        ("Gateway.Observability.StandardStream", "ReadAndWrite", "O_RDWR"),
        ("Custody.Clocks.LinuxMachineClock", "NotSynchronized", "TIME_ERROR"),
        ("Journal.NativeSync", "InterruptedByaSignal", "EINTR"), ("Journal.NativeSync", "OpenReadOnly", "(O_RDONLY | O_CLOEXEC)"),
        ("Journal.FileIdentity", "StatBytes", "sizeof(struct statx)"), ("Journal.FileIdentity", "InodeOffset", "offsetof(struct statx, stx_ino)"),
        ("Journal.FileIdentity", "DeviceOffset", "offsetof(struct statx, stx_dev_major)"), ("Journal.FileIdentity", "EmptyPath", "AT_EMPTY_PATH"),
        ("Journal.FileIdentity", "FromWorkingFolder", "AT_FDCWD"), ("Journal.FileIdentity", "InodeMask", "STATX_INO"),
        ("Journal.FileIdentity", "NoSuchCall", "ENOSYS"), ("Journal.FileIdentity", "NotPermitted", "EPERM"),
    ];

    // What the code takes for granted without a name: nint and nuint are as wide as a pointer, the addresses that Accept reads, what setsockopt gets, the errors that have words.
    private static readonly string[] Facts =
    [
        "sizeof(size_t) == sizeof(void *)", "sizeof(ssize_t) == sizeof(void *)", "sizeof(unsigned long) == sizeof(void *)", "sizeof(nfds_t) == sizeof(void *)",
        "sizeof(socklen_t) == 4", "sizeof(mode_t) == 4", "sizeof(id_t) == 4", "sizeof(int) == 4",
        "sizeof(rlim_t) == sizeof(void *)", "sizeof(struct rlimit) == 2 * sizeof(void *)", "offsetof(struct rlimit, rlim_cur) == 0",
        "offsetof(struct sockaddr_in, sin_port) == 2", "offsetof(struct sockaddr_in, sin_addr) == 4",
        "offsetof(struct sockaddr_in6, sin6_port) == 2", "offsetof(struct sockaddr_in6, sin6_addr) == 8", "offsetof(struct sockaddr_in6, sin6_scope_id) == 24", "sizeof(struct sockaddr_in6) == 28",
        "sizeof(struct linger) == 8", "offsetof(struct linger, l_onoff) == 0",
        "sizeof(struct pollfd) == 8", "offsetof(struct pollfd, events) == 4", "offsetof(struct pollfd, revents) == 6",
        "ECONNRESET == 104", "EPIPE == 32", "ETIMEDOUT == 110", "EHOSTUNREACH == 113", "ENETUNREACH == 101", "PRIO_PROCESS == 0", "FIONREAD == 0x541B",
    ];

    [TestMethod]
    [DataRow("gcc", Architecture.X64)]
    [DataRow("aarch64-linux-gnu-gcc", Architecture.Arm64)]
    [DataRow("arm-linux-gnueabihf-gcc", Architecture.Arm)]
    public async Task Code_AndTheHeadersOfThatProcessor_SayTheSame(string compiler, Architecture processor)
    {
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (!OperatingSystem.IsLinux() || (compiler == "gcc" && RuntimeInformation.ProcessArchitecture != processor) || !Array.Exists(path, folder => File.Exists(Path.Combine(folder, compiler))))
            Assert.Inconclusive($"needs {compiler}, and the headers of its C library (packages gcc, gcc-aarch64-linux-gnu, gcc-arm-linux-gnueabihf)");
        (int bytes, int dataOffset) = LinuxSockets.EventOf(processor);
        string[] claims =
        [
            .. Constants.Select(static row => $"{row.InC} == {Value(row.Type, row.Constant)}"), .. Facts,
            $"sizeof(struct epoll_event) == {bytes}", $"offsetof(struct epoll_event, data) == {dataOffset}", $"sizeof(struct timex) <= {Value("Custody.Clocks.LinuxMachineClock", "TimexBytes")}",
        ];
        string source = Headers + string.Concat(claims.Select(static claim => $"_Static_assert({claim}, \"{claim}\");\n"));

        ProcessStartInfo info = new(compiler, ["-fsyntax-only", "-x", "c", "-"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true };
        using Process compile = Process.Start(info)!;
        Task<string> said = compile.StandardError.ReadToEndAsync();
        await compile.StandardInput.WriteAsync(source);
        compile.StandardInput.Close();
        using CancellationTokenSource timeout = new(Patience.Limit);
        await compile.WaitForExitAsync(timeout.Token);

        Assert.AreEqual(0, compile.ExitCode, await said);
    }

    // The one structure that differs, also where no compiler is.
    [TestMethod]
    [DataRow(Architecture.X64, 12, 4)]
    [DataRow(Architecture.X86, 12, 4)]
    [DataRow(Architecture.Arm64, 16, 8)]
    [DataRow(Architecture.Arm, 16, 8)]
    public void EpollEvent_OfEachProcessor_IsAsLongAsThere(Architecture processor, int bytes, int dataOffset) =>
        Assert.AreEqual((bytes, dataOffset), LinuxSockets.EventOf(processor));

    private static string Value(string type, string constant)
    {
        string assembly = $"DeviceMqtt.{type.Split('.')[0]}";
        FieldInfo? field = Type.GetType($"DeviceMqtt.{type}, {assembly}", throwOnError: true)!.GetField(constant, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public);
        Assert.IsNotNull(field, $"{type} has no {constant}");
        return Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
    }
}
