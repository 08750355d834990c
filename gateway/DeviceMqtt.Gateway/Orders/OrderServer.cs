using System.Net.Sockets;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Orders;

/// <summary>
/// Takes orders of the command line by a socket of its own (<see cref="ControlSocket"/>): whoever can open it is the gateway's account or root. Not
/// MQTT, so no client gets there whatever its role.
/// </summary>
/// <param name="dataFolder">Where the socket is.</param>
/// <param name="log">Is told what failed.</param>
internal sealed class OrderServer(string dataFolder, ILogger log) : BackgroundService
{
    /// <summary>The order for the values of <c>$SYS</c> as they are now.</summary>
    public const string Status = "status";

    /// <summary>The order for the addresses where MQTT is listened for, one a line, as <c>Listen</c> has them.</summary>
    public const string Listening = "listening";

    private const int AtOnceMax = 4; // chosen: a person and a timer or two
    private static readonly TimeSpan LinePatience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Func<OrderLine, CancellationToken, Task<OrderAnswer>>> _orders = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(AtOnceMax);
    private Socket? _listener;

    /// <summary>What is done on a word. Set before the start.</summary>
    /// <param name="word">The first line of the connection.</param>
    /// <param name="run">Gets the connection, for orders that take more than one line.</param>
    public void On(string word, Func<OrderLine, CancellationToken, Task<OrderAnswer>> run) => _orders[word] = run;

    /// <summary>Answers an order.</summary>
    public static async Task AnswerAsync(OrderLine line, OrderAnswer answer, CancellationToken cancellation) =>
        await line.WriteAsync($"{answer.ExitCode}\n{string.Concat(answer.Lines.Select(static text => text.ReplaceLineEndings(" ") + "\n"))}", cancellation);

    /// <inheritdoc/>
    /// <exception cref="IOException">The socket cannot be made; so for the other.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is somebody else's.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (ControlSocket.PrepareOrders(dataFolder, log) is { } endPoint)
        {
            _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _listener.Bind(endPoint);
            ControlSocket.Restrict(endPoint);
            _listener.Listen();
        }

        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _listener?.Dispose();
        _places.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_listener is null)
            return;
        try
        {
            while (true)
            {
                Socket accepted = await _listener.AcceptAsync(stoppingToken);
                _ = ServeAsync(accepted, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    private async Task ServeAsync(Socket accepted, CancellationToken stopping)
    {
        using OrderLine line = new(accepted);
        bool hasPlace = _places.Wait(TimeSpan.Zero, CancellationToken.None);
        try
        {
            if (!hasPlace)
                await AnswerAsync(line, new OrderAnswer(1, [$"{AtOnceMax} orders are under way: try again later"]), stopping);
            else
                await AnswerAsync(line, await RunAsync(line, stopping), stopping);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            log.OrderLost(exception.Message); // whoever gave the order is gone
        }
        catch (Exception exception)
        {
            log.OrderFailed(exception);
        }
        finally
        {
            if (hasPlace)
                _ = _places.Release();
        }
    }

    private async Task<OrderAnswer> RunAsync(OrderLine line, CancellationToken stopping)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(LinePatience);
        string word = await line.ReadAsync(patience.Token) ?? "";
        return _orders.TryGetValue(word, out Func<OrderLine, CancellationToken, Task<OrderAnswer>>? run)
            ? await run(line, stopping)
            : new OrderAnswer(2, [$"'{Broker.Words.SafeText.OfName(word)}' is none of {string.Join(", ", _orders.Keys.Order(StringComparer.Ordinal))}: is the gateway of another version?"]);
    }
}
