using System.Runtime.InteropServices;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// Standard output or standard error, written with write(2) and nothing in between. The runtime's own stream keeps quiet about a reader that is gone (EPIPE).
/// Not safe for more than one thread.
/// </summary>
/// <param name="number">Of the file: 1 or 2.</param>
internal sealed partial class StandardStream(int number) : WriteOnlyStream
{
    private const int BadFile = 9; // EBADF
    private const int Interrupted = 4; // EINTR
    private static readonly int Again = OperatingSystem.IsLinux() ? 11 : 35; // EAGAIN
    private const short PollOut = 4;
    private const int GetFlags = 1; // F_GETFD of fcntl(2)
    private const int CloseOnExec = 1; // FD_CLOEXEC
    private const int ReadAndWrite = 2; // O_RDWR
    private const int LastStandardFile = 2;
    private static readonly bool[] WasClosed = new bool[LastStandardFile + 1];

    private bool _isWithinLine;
    private bool _hasFailed;

    /// <summary>errno of a reader that is gone.</summary>
    public const int ReaderGone = 32; // EPIPE

    /// <summary>
    /// Sees which of the three standard files the process was started without, and puts something harmless in their place: the next file that is opened, a segment of
    /// the journal perhaps, would have the number of standard output. Once, before anything else is opened.
    /// </summary>
    public static void ApplyToProcess()
    {
        if (OperatingSystem.IsWindows())
            return;
        for (int i = 0; i <= LastStandardFile; i++)
        {
            int flags = FileControl(i, GetFlags);
            // What exec(2) has left open has no such flag: this one the runtime has opened since.
            WasClosed[i] = flags < 0 || (flags & CloseOnExec) != 0;
            if (flags < 0)
                _ = Open("/dev/null", ReadAndWrite); // takes the lowest number that is free: this one
        }
    }

    public override void Flush()
    {
    }

    /// <summary>Waits for the reader, also where whoever shares the file has made it one that does not wait.</summary>
    /// <exception cref="IOException">Not all of it could be written; HResult has errno. What follows begins a new line.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.IsEmpty)
            return;
        if (WasClosed[number])
            throw Failed(BadFile);
        if (_hasFailed && _isWithinLine)
            WriteAll("\n"u8);
        WriteAll(buffer);
        _hasFailed = false;
    }

    private void WriteAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint written = WriteFile(number, bytes, bytes.Length);
            if (written > 0)
            {
                _isWithinLine = bytes[(int)written - 1] != (byte)'\n';
                bytes = bytes[(int)written..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == Again)
            {
                PollFile wanted = new() { Number = number, Events = PollOut };
                _ = Poll(ref wanted, 1, Timeout.Infinite);
            }
            else if (written == 0 || error != Interrupted)
            {
                _hasFailed = true;
                throw Failed(error);
            }
        }
    }

    private static IOException Failed(int error) => new(Marshal.GetPInvokeErrorMessage(error), error);

    // struct pollfd, poll(2).
    [StructLayout(LayoutKind.Sequential)]
    private struct PollFile
    {
        public int Number;
        public short Events;
        public short Found;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint WriteFile(int file, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FileControl(int file, int command);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "poll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Poll(ref PollFile files, nuint count, int timeoutMs);
}
