using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Benchmarks.Load;

namespace DeviceMqtt.Benchmarks.Peers;

/// <summary>A running broker on the broker's core, listening for MQTT on a loopback port; killed, and its folder removed, on disposal.</summary>
internal sealed class BrokerProcess : IDisposable
{
    private const double StartSecondsMax = 60;
    private const double SettledSeconds = 2.5; // from the start of the process; the slowest needs half a second to its first CONNACK here
    private const double StopSecondsMax = 60;
    private const int OutputLinesMax = 20;

    private Process _process;
    private readonly DirectoryInfo _folder;
    private readonly Queue<string> _lastOutput = new();
    private long _started;
    private readonly Action? _ended;
    private bool _isStarted;

    private BrokerProcess(ProcessStartInfo start, DirectoryInfo folder, int port, Action? ended)
    {
        _ended = ended;
        _process = Prepare(start);
        _folder = folder;
        Port = port;
        // A benchmark that is stopped half-way leaves no broker behind.
        AppDomain.CurrentDomain.ProcessExit += OnOwnExit;
    }

    public int Port { get; }

    public int Id => _process.Id;

    /// <summary>From the start of the process to the CONNACK of a client that tried again every millisecond.</summary>
    public double StartMs { get; private set; }

    /// <summary>Since the start of the process.</summary>
    public double AgeSeconds => Stopwatch.GetElapsedTime(_started).TotalSeconds;

    /// <summary>CPU time used so far.</summary>
    /// <exception cref="IOException">The broker has ended.</exception>
    public long CpuNs
    {
        get
        {
            ThrowIfEnded();
            return CpuClock.OfProcessNs(_process.Id);
        }
    }

    /// <summary>Of the gateway, in its <see cref="Folder"/>.</summary>
    public const string SettingsFileName = "gateway.json";

    /// <summary>Where the broker keeps what it keeps.</summary>
    public string Folder => _folder.FullName;

    public double ResidentKb => ReadStatusKb("VmRSS:");

    /// <summary>The most that it had since the start of the process.</summary>
    public double PeakKb => ReadStatusKb("VmHWM:");

    /// <summary>Of <see cref="ResidentKb"/>, what is in memory as it is in a file: proc(5).</summary>
    public double ResidentFilesKb => ReadStatusKb("RssFile:");

    /// <summary>Of that, shared memory: the code that the .NET runtime has compiled.</summary>
    public double ResidentSharedKb => ReadStatusKb("RssShmem:");

    /// <summary>Resident memory when the start is over. Waits for that: a second after it the gateway gives back what nothing else needed.</summary>
    public double ReadSettledKb()
    {
        double left = SettledSeconds - AgeSeconds;
        if (left > 0)
            Thread.Sleep(TimeSpan.FromSeconds(left));
        return ResidentKb;
    }

    /// <param name="command">Names the program and its arguments, given a folder of its own and the port.</param>
    /// <param name="ended">Done when it has been killed.</param>
    /// <exception cref="IOException">It ended, or accepted nothing within a minute; with its last output.</exception>
    public static BrokerProcess Start(Func<string, int, ProcessStartInfo> command, Action? ended = null)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("devicemqtt-bench-");
        int port = FreePort();
        ProcessStartInfo start = command(folder.FullName, port);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.UseShellExecute = false;
        var broker = new BrokerProcess(start, folder, port, ended);
        try
        {
            broker.StartProcess();
            return broker;
        }
        catch
        {
            broker.Dispose();
            throw;
        }
    }

    /// <summary>Ends it as an operator would and starts it again in the same folder, on the same port; <see cref="StartMs"/> is that of the new start.</summary>
    public void Restart()
    {
        ProcessStartInfo start = _process.StartInfo;
        if (Libc.Kill(_process.Id, Libc.SignalTerminate) != 0 || !_process.WaitForExit(TimeSpan.FromSeconds(StopSecondsMax)))
            throw new IOException($"{start.FileName} did not end within {StopSecondsMax} s");
        _process.Dispose();
        _isStarted = false;
        _process = Prepare(start);
        StartProcess();
    }

    /// <summary>Has the gateway take over what its file of settings says now; it does so while the load goes on, and says so in its log.</summary>
    public void Reload(string settings)
    {
        File.WriteAllText(Path.Combine(Folder, SettingsFileName), settings);
        lock (_lastOutput)
            _lastOutput.Clear();
        _ = Libc.Kill(_process.Id, Libc.SignalHangUp);
    }

    /// <summary>A line with this text is among the last ones, since the last <see cref="Reload"/>.</summary>
    public bool HasSaid(string text)
    {
        ThrowIfEnded();
        lock (_lastOutput)
            return _lastOutput.Any(line => line.Contains(text, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnOwnExit;
        Kill();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>A port that is free now, on the word of the kernel.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private Process Prepare(ProcessStartInfo start)
    {
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += KeepOutput;
        process.ErrorDataReceived += KeepOutput;
        return process;
    }

    private void StartProcess()
    {
        _started = Stopwatch.GetTimestamp();
        _isStarted = CpuCore.Run(CpuCore.Broker, _process.Start);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        WaitForConnAck(_started);
    }

    private void WaitForConnAck(long started)
    {
        string problem = "";
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < StartSecondsMax)
        {
            ThrowIfEnded();
            try
            {
                int fd = MqttHandshake.Open(Port, protocolLevel: 4, "start");
                StartMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                _ = Libc.Close(fd);
                return;
            }
            catch (IOException e)
            {
                problem = e.Message; // not yet; said if it stays so
                Thread.Sleep(1);
            }
        }
        throw new IOException($"{_process.StartInfo.FileName} accepted no CONNECT within {StartSecondsMax} s: {problem}");
    }

    private void OnOwnExit(object? sender, EventArgs e)
    {
        Kill();
        _folder.Delete(recursive: true);
    }

    private void Kill()
    {
        if (!_isStarted || _process.HasExited)
            return;
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _ended?.Invoke();
    }

    private void ThrowIfEnded()
    {
        if (!_process.HasExited)
            return;
        _process.WaitForExit(); // also for the end of its output
        throw new IOException($"{_process.StartInfo.FileName} ended with exit code {_process.ExitCode}: {LastOutput()}");
    }

    private void KeepOutput(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        lock (_lastOutput)
        {
            _lastOutput.Enqueue(line.Data);
            if (_lastOutput.Count > OutputLinesMax)
                _lastOutput.Dequeue();
        }
    }

    private string LastOutput()
    {
        lock (_lastOutput)
            return string.Join(Environment.NewLine, _lastOutput);
    }

    private double ReadStatusKb(string name)
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal));
    }
}
