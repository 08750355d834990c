using System.Net.Sockets;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Gateway.Tests.Polling;

/// <summary>A socket that one thread polls is a number that nobody collects: it is closed however the serving ends.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class ServedSocketTests
{
    [TestMethod]
    public async Task Serve_EndsByAFault_SocketIsClosed()
    {
        using FailingLog log = new();
        GatewayOptions options = new() { Listen = ["127.0.0.1:0"], Http = "off", Data = GatewayOptions.NoData };
        await using GatewayHost host = GatewayHost.Create(options, log);
        await host.StartAsync();
        using Socket client = new(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(host.MqttEndPoints.First());
        log.Fails = true;
        _ = client.Send("no CONNECT"u8);

        int bytes = await Patience.Within(client.ReceiveAsync(new byte[10]), "the end of the connection");

        Assert.AreEqual(0, bytes);
        Assert.IsTrue(log.HasFailed);
        log.Fails = false;
        await host.StopAsync();
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Proxy_RefusedForItsHeader_SocketIsClosed(bool polls)
    {
        using ILoggerFactory log = LoggerFactory.Create(static _ => { });
        GatewayOptions options = new() { Listen = ["127.0.0.1:0"], Http = "off", Data = GatewayOptions.NoData, PollSockets = polls };
        options.Security.TrustedProxies = ["127.0.0.1"];
        await using GatewayHost host = GatewayHost.Create(options, log);
        await host.StartAsync();
        using Socket client = new(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(host.MqttEndPoints.First());
        _ = client.Send("no header"u8);

        try
        {
            Assert.AreEqual(0, await Patience.Within(client.ReceiveAsync(new byte[10]), "the end of the connection"));
        }
        catch (SocketException exception)
        {
            Assert.AreEqual(SocketError.ConnectionReset, exception.SocketErrorCode);
        }

        await Patience.Until(() => host.MqttSocketCount == 0, "the close of its socket");
        await host.StopAsync();
    }

    private sealed class FailingLog : ILoggerFactory, ILogger
    {
        private const int TransportFailed = 110;

        public bool Fails { get; set; }

        public bool HasFailed { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!Fails || eventId.Id == TransportFailed)
                return;
            HasFailed = true;
            throw new InvalidOperationException("a fault of the gateway");
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public void Dispose()
        {
        }
    }
}
