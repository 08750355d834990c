using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.Firmware.Tests.Simulator;

/// <summary>A mosquitto of one test, on a port of its own. Where it is not installed the test is inconclusive.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly Process _process;

    private Mosquitto(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    internal int Port { get; }

    internal static async Task<Mosquitto> StartAsync()
    {
        string? program = new[] { "/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto", "/opt/homebrew/sbin/mosquitto" }.FirstOrDefault(File.Exists);
        if (program is null)
        {
            Assert.Inconclusive("mosquitto is not installed (apt-get install mosquitto).");
        }

        int port = FreePorts.Take();
        ProcessStartInfo start = new(program, ["-p", $"{port}"]) { UseShellExecute = false, RedirectStandardError = true };
        Mosquitto broker = new(Process.Start(start)!, port);
        // Its log is of no interest, but must be read, or it would wait for room one day.
        broker._process.BeginErrorReadLine();
        await broker.WaitUntilItListensAsync();
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WaitUntilItListensAsync()
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            using TcpClient probe = new();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                return;
            }
            catch (SocketException) when (!_process.HasExited)
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
    }
}
