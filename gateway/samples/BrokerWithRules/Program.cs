using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using BrokerWithRules;
using DeviceMqtt.Broker;

int port = 1883;
if (args.Length > 1 || (args.Length == 1 && (!int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > IPEndPoint.MaxPort)))
{
    Console.Error.WriteLine("say: [PORT], 0 to 65535");
    return 2;
}

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
using TcpListener listener = new(IPAddress.Loopback, port);
try
{
    listener.Start();
}
catch (SocketException exception)
{
    Console.Error.WriteLine($"cannot listen on {listener.LocalEndpoint}: {exception.Message}");
    stopping.Cancel();
    await beats;
    return 1;
}

Console.WriteLine($"listening {listener.LocalEndpoint}");
try
{
    while (true)
        _ = Serve(await listener.AcceptSocketAsync(stopping.Token));
}
catch (OperationCanceledException)
{
    await beats; // It has closed all connections.
    return 0;
}

async Task Serve(Socket socket)
{
    socket.NoDelay = true;
    await using NetworkStream stream = new(socket, ownsSocket: true);
    Pipes pipes = new(PipeReader.Create(stream), PipeWriter.Create(stream));
    await broker.ServeAsync(pipes, socket.RemoteEndPoint, abort: socket.Dispose);
}
