using System.Text;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>
/// Standard output and standard error of the process. Either may be closed, full, or a pipe that nobody reads: a command goes on to its end all the same, and says then, by one
/// line and its exit code, that its output is not whole, as other programs do. Lines of the log know at once (<see cref="ForLog"/>).
/// </summary>
internal static class StandardOutput
{
    private const int Output = 1;
    private const int Errors = 2;
    private const int BufferBytes = 4096; // chosen: an ordinary line goes in one call of the system
    private const int NotWritten = 1;

    /// <summary>What a shell says of a program that wrote into a pipe whose reader had gone: 128 and SIGPIPE. <c>| head</c> is no fault, and needs no line.</summary>
    internal const int ReaderGone = 141;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static FirstFailure? _output;

    /// <summary>From here on <see cref="Console.Out"/> and <see cref="Console.Error"/> throw nothing. Once, before anything else is opened.</summary>
    public static void ApplyToProcess()
    {
        StandardStream.ApplyToProcess();
        _output = new FirstFailure(Open(Output));
        Console.SetOut(TextWriter.Synchronized(WriterOf(_output)));
        // There is no other place to say that it cannot be written; the exit code stays what it is.
        Console.SetError(TextWriter.Synchronized(WriterOf(new FirstFailure(Open(Errors)))));
    }

    /// <summary>A writer that throws <see cref="IOException"/> for each line that cannot be written.</summary>
    public static TextWriter ForLog() => WriterOf(Open(Output));

    /// <summary>The end of a command: says on standard error that its output could not be written.</summary>
    /// <param name="exitCode">Of the command.</param>
    /// <returns>The same; another one where it said that all was well.</returns>
    public static int Ending(int exitCode)
    {
        if (_output?.Failure is not { } failure)
            return exitCode;
        bool isGone = failure.HResult == StandardStream.ReaderGone;
        if (!isGone)
            Console.Error.WriteLine($"standard output could not be written: {failure.Message}");
        return exitCode != 0 ? exitCode : isGone ? ReaderGone : NotWritten;
    }

    private static Stream Open(int number) =>
        !OperatingSystem.IsWindows() ? new StandardStream(number) : number == Output ? Console.OpenStandardOutput() : Console.OpenStandardError();

    private static StreamWriter WriterOf(Stream stream)
    {
        Encoding encoding = IsUtf8() ? Utf8 : Console.OutputEncoding;
        // A mark in front of the text is for files.
        return new StreamWriter(stream, encoding.Preamble.IsEmpty ? encoding : Utf8, BufferBytes) { AutoFlush = true };
    }

    // As the console would have it, which takes 3 ms to find out: the first of these that says something counts (locale(7)).
    private static bool IsUtf8()
    {
        if (OperatingSystem.IsWindows())
            return false;
        foreach (string variable in (string[])["LC_ALL", "LC_MESSAGES", "LANG"])
            if (Environment.GetEnvironmentVariable(variable) is { } locale && !string.IsNullOrWhiteSpace(locale))
                return locale.EndsWith(".UTF-8", StringComparison.OrdinalIgnoreCase) || !locale.Contains('.', StringComparison.Ordinal);
        return true;
    }

    /// <summary>Writes until it cannot any more, and knows why.</summary>
    private sealed class FirstFailure(Stream inner) : WriteOnlyStream
    {
        public Exception? Failure { get; private set; }

        public override void Flush() => inner.Flush();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Failure is not null)
                return;
            try
            {
                inner.Write(buffer);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Failure = exception;
            }
        }
    }
}
