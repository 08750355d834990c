using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>A process the test started: its lines as they come, its exit code, and no survivor when the test is over.</summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigInt = 2;
    private const int SigTerm = 15;
    private const int SigCont = 18; // Linux
    private const int SigStop = 19;
    private const int SigUser1 = 10;

    private readonly Process _process;
    private readonly Action<string>? _onLine;
    private readonly Task<int> _exit;

    private ChildProcess(Process process, string name, Action<string>? onLine)
    {
        _process = process;
        _onLine = onLine;
        Name = name;
        Output = new EventLog<string>($"stdout of {name}");
        Errors = new EventLog<string>($"stderr of {name}");
        _exit = ReadToExit();
    }

    public string Name { get; }

    public EventLog<string> Output { get; }

    public EventLog<string> Errors { get; }

    public int Id => _process.Id;

    public bool HasExited => _exit.IsCompleted;

    /// <summary>Completes when the process is gone and its last line has been read.</summary>
    public Task Ended => _exit;

    /// <summary>Resident memory in bytes, as the kernel counts it now.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <param name="fileName">A path, or a name to be found on the PATH.</param>
    /// <param name="arguments">Each as the program shall see it.</param>
    /// <param name="workingFolder">Null: that of the test.</param>
    /// <param name="environment">Variables on top of those of the test.</param>
    /// <param name="onLine">Called with each line of standard output before it is in <see cref="Output"/>.</param>
    public static ChildProcess Start(
        string fileName,
        IEnumerable<string> arguments,
        string? workingFolder = null,
        IReadOnlyDictionary<string, string>? environment = null,
        Action<string>? onLine = null)
    {
        ProcessStartInfo info = new(fileName, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder ?? "",
        };
        foreach ((string key, string value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[key] = value;
        }

        Process process = Process.Start(info) ?? throw new InvalidOperationException($"{fileName} did not start");
        return new ChildProcess(process, $"{Path.GetFileName(fileName)} {string.Join(' ', info.ArgumentList)}", onLine);
    }

    public void SendLine(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    public void CloseInput() => _process.StandardInput.Close();

    public async Task<int> WaitForExit(TimeSpan? patience = null)
    {
        try
        {
            return await _exit.WaitAsync(patience ?? Patience.Default);
        }
        catch (TimeoutException timeout)
        {
            throw new AssertFailedException($"{Name} still runs. It said:{Environment.NewLine}{Transcript()}", timeout);
        }
    }

    /// <summary>SIGTERM: the polite request to end.</summary>
    public void Terminate() => Signal(SigTerm);

    /// <summary>SIGINT: Ctrl-C.</summary>
    public void Interrupt()
    {
        if (IgnoresInterrupt())
        {
            throw new AssertInconclusiveException("needs SIGINT, which is ignored here: the tests run in the background of a shell without job control, or under nohup, and a child inherits that");
        }

        Signal(SigInt);
    }

    /// <summary>SIGUSR1: means what the program takes it for.</summary>
    public void SendUser1() => Signal(SigUser1);

    /// <summary>SIGSTOP: it stands still.</summary>
    public void Stop() => Signal(SigStop);

    /// <summary>SIGCONT: it goes on.</summary>
    public void Continue() => Signal(SigCont);

    /// <summary>SIGKILL: the process gets no chance to say anything; its sockets are closed by the kernel.</summary>
    public async Task Kill()
    {
        if (!HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _exit.WaitAsync(Patience.Default);
    }

    /// <summary>Its last lines, for the message of a failure.</summary>
    public string Transcript()
    {
        const int LinesMax = 40;
        return string.Join(Environment.NewLine, Output.Items.TakeLast(LinesMax).Concat(Errors.Items.TakeLast(LinesMax)));
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);

    // A line of proc(5): SigIgn, a mask in hexadecimal with signal 1 as its lowest bit.
    private bool IgnoresInterrupt()
    {
        const string Field = "SigIgn:";
        string status = $"/proc/{_process.Id}/status";
        if (!OperatingSystem.IsLinux() || HasExited || !File.Exists(status))
        {
            return false;
        }

        string line;
        try
        {
            line = File.ReadLines(status).First(text => text.StartsWith(Field, StringComparison.Ordinal));
        }
        catch (IOException) // it has ended meanwhile
        {
            return false;
        }

        return (Convert.ToUInt64(line[Field.Length..].Trim(), 16) & (1UL << (SigInt - 1))) != 0;
    }

    private void Signal(int signal)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new AssertInconclusiveException("needs signals, which Windows does not have");
        }

        // ESRCH (no such process) is no fault: it has ended by itself meanwhile.
        const int NoSuchProcess = 3;
        if (!HasExited && SendSignal(_process.Id, signal) != 0 && Marshal.GetLastPInvokeError() != NoSuchProcess)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private static async Task Drain(StreamReader reader, EventLog<string> lines, Action<string>? onLine)
    {
        while (await reader.ReadLineAsync() is string line)
        {
            onLine?.Invoke(line);
            lines.Add(line);
        }
    }

    private async Task<int> ReadToExit()
    {
        await Task.WhenAll(Drain(_process.StandardOutput, Output, _onLine), Drain(_process.StandardError, Errors, onLine: null));
        await _process.WaitForExitAsync();
        string reason = $"it ended with exit code {_process.ExitCode}";
        Output.End(reason);
        Errors.End(reason);
        return _process.ExitCode;
    }
}
