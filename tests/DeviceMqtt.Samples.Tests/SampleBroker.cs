using System.Globalization;

namespace DeviceMqtt.Samples.Tests;

/// <summary>A sample as its reader runs it: a process of its own, on a free port.</summary>
internal sealed class SampleBroker : BrokerUnderTest
{
    private const string Listening = "listening 127.0.0.1:";

    private SampleBroker(ChildProcess process, int port)
    {
        Process = process;
        Port = port;
    }

    public ChildProcess Process { get; }

    public override int Port { get; }

    public override Uri WebSocketAddress => throw new NotSupportedException("the samples speak TCP alone");

    public static async Task<SampleBroker> Run(string name)
    {
        ChildProcess process = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{name}.dll"), "0"]);
        try
        {
            string line = await process.Output.WaitFor(text => text.StartsWith(Listening, StringComparison.Ordinal), "its address");
            return new SampleBroker(process, int.Parse(line[Listening.Length..], CultureInfo.InvariantCulture));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public override string Transcript() => Process.Transcript();

    public override ValueTask DisposeAsync() => Process.DisposeAsync();
}
