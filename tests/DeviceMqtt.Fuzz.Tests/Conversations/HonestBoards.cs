using System.Globalization;
using DeviceMqtt.EndToEnd.Tests.Harness;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace DeviceMqtt.Fuzz.Tests.Conversations;

/// <summary>Boards that publish at QoS 1, and somebody who hears them: each reading once, in order, whatever others do.</summary>
internal sealed class HonestBoards : IAsyncDisposable
{
    private const int Boards = 3;
    private const int EachTime = 10;
    private readonly List<IMqttClient> _boards = [];
    private readonly IMqttClient _listener = new MqttClientFactory().CreateMqttClient();
    private readonly int[] _heard = new int[Boards];
    private readonly SemaphoreSlim _news = new(0);
    private int _sent;
    private string? _wrong;

    private HonestBoards() => _listener.ApplicationMessageReceivedAsync += received =>
    {
        Hear(received.ApplicationMessage);
        return Task.CompletedTask;
    };

    public static async Task<HonestBoards> StartAsync(int port)
    {
        HonestBoards honest = new();
        await ConnectAsync(honest._listener, port, "honest-listener");
        _ = await honest._listener.SubscribeAsync("honest/+/tele", MqttQualityOfServiceLevel.AtLeastOnce).WaitAsync(Patience.Default);
        for (int i = 0; i < Boards; i++)
        {
            honest._boards.Add(new MqttClientFactory().CreateMqttClient());
            await ConnectAsync(honest._boards[i], port, string.Create(CultureInfo.InvariantCulture, $"honest-{i}"));
        }

        return honest;
    }

    /// <summary>Each publishes some readings, and waits until all were acknowledged and heard.</summary>
    /// <returns>What went wrong; null when nothing did.</returns>
    public async Task<string?> WorkAsync()
    {
        _sent += EachTime;
        try
        {
            await Task.WhenAll(_boards.Select(PublishAsync)).WaitAsync(Patience.Default);
            using CancellationTokenSource limit = new(Patience.Default);
            while (_wrong is null && Array.Exists(_heard, heard => heard < _sent))
                await _news.WaitAsync(limit.Token);
            return _wrong;
        }
        catch (Exception exception) when (IsOfTheConnection(exception))
        {
            return $"honest boards: {exception.Message}; heard {string.Join(' ', _heard)} of {_sent}";
        }
    }

    /// <summary>Somebody new is let in, and answered.</summary>
    public static async Task<string?> ComeAnewAsync(int port)
    {
        using IMqttClient fresh = new MqttClientFactory().CreateMqttClient();
        try
        {
            await ConnectAsync(fresh, port, $"fresh-{Guid.NewGuid():n}");
            await fresh.PingAsync().WaitAsync(Patience.Default);
            await fresh.DisconnectAsync().WaitAsync(Patience.Default);
            return null;
        }
        catch (Exception exception) when (IsOfTheConnection(exception))
        {
            return $"a new client: {exception.Message}";
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (IMqttClient board in _boards)
            board.Dispose();
        _listener.Dispose();
        _news.Dispose();
        return ValueTask.CompletedTask;
    }

    private static bool IsOfTheConnection(Exception exception) =>
        exception is TimeoutException or OperationCanceledException or MqttCommunicationException or MqttClientDisconnectedException or InvalidOperationException;

    private static async Task ConnectAsync(IMqttClient client, int port, string clientId) =>
        _ = await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer(BrokerUnderTest.Host, port).WithClientId(clientId).WithTimeout(Patience.Default).Build()).WaitAsync(Patience.Default);

    private async Task PublishAsync(IMqttClient board, int index)
    {
        for (int n = _sent - EachTime + 1; n <= _sent; n++)
            _ = await board.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(string.Create(CultureInfo.InvariantCulture, $"honest/{index}/tele"))
                .WithPayload(n.ToString(CultureInfo.InvariantCulture)).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());
    }

    private void Hear(MqttApplicationMessage message)
    {
        int board = int.Parse(message.Topic.Split('/')[1], CultureInfo.InvariantCulture);
        int n = int.Parse(message.ConvertPayloadToString(), CultureInfo.InvariantCulture);
        if (n != _heard[board] + 1)
            _wrong ??= $"honest board {board}: {n} was heard behind {_heard[board]}";
        _heard[board] = n;
        _ = _news.Release();
    }
}
