using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using BrokerWithRules;
using DeviceMqtt.Broker;

using CancellationTokenSource stopping = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true; // The program ends by itself, below.
    stopping.Cancel();
};

// A real program keeps hashes of passwords, and not in its source.
OwnTopicsOnly rules = new(new Dictionary<string, string> { ["kitchen"] = "salt", ["garden"] = "rain" });
MqttBroker broker = new(new MqttBrokerOptions { Access = rules });
Task beats = broker.RunAsync(stopping.Token);
using TcpListener listener = new(IPAddress.Loopback, args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1883);
listener.Start();
Console.WriteLine($"listening {listener.LocalEndpoint}");
try
{
    while (true)
        _ = Serve(await listener.AcceptSocketAsync(stopping.Token));
}
catch (OperationCanceledException)
{
    await beats; // It has closed all connections.
}

async Task Serve(Socket socket)
{
    socket.NoDelay = true;
    await using NetworkStream stream = new(socket, ownsSocket: true);
    Pipes pipes = new(PipeReader.Create(stream), PipeWriter.Create(stream));
    await broker.ServeAsync(pipes, socket.RemoteEndPoint, abort: socket.Dispose);
}
