using System.Diagnostics;
using DeviceMqtt.Device;
using DeviceMqtt.Wire;
using nanoFramework.M2Mqtt;

namespace DeviceMqtt.Simulator;

/// <summary>
/// A board on a PC: the firmware's own <see cref="DeviceLoop"/> over real TCP, with a climate sensor (stream <c>climate</c>, kept or stored), its own
/// health (stream <c>health</c>, live), a button (event <c>button</c>), a relay (event <c>relay</c>, command <c>relay.set</c>) and the commands that every board has.
/// Started once; a board that is to boot again is a new one.
/// </summary>
public sealed class VirtualBoard : IAsyncDisposable, IDeviceLog
{
    private readonly VirtualBoardOptions _options;
    private readonly DeviceLoop _loop;
    private readonly BoardClients _clients;
    private readonly BoardBackground _background = new();
    private readonly SimulatedClimate _climate;
    private readonly SimulatedOutput _relay = new();
    private readonly SimulatedButton _pressing;
    private readonly EventSource _button = new("button", "pressed");
    private readonly CancellationTokenSource _power = new();
    private Task _running = Task.CompletedTask;
    private volatile bool _isStopping;

    /// <exception cref="ArgumentException">An option is out of range; the message begins with its name.</exception>
    public VirtualBoard(VirtualBoardOptions options)
        : this(options, new MqttClientTimes())
    {
    }

    internal VirtualBoard(VirtualBoardOptions options, MqttClientTimes times)
    {
        _options = options;
        // The package's queue has no bound of its own, and its setting is one for the whole process.
        MqttSettings.Instance.InflightQueueSize = DeviceLimits.InflightQueueSize;
        _clients = new BoardClients(options.Host, options.Port, times);
        DeviceName = ClientId.TrySplitGroup(options.ClientId, out _, out string device) ? device : options.ClientId;
        _loop = new DeviceLoop(Describe(), new BoardClock(options.HasClock), _clients, _background, this, options.Flash, options.Flash?.Commands);
        _climate = new SimulatedClimate(options.Seed);
        _pressing = new SimulatedButton(_button, options.Seed, options.ButtonEvery);
        EventSource relayChanges = new("relay", "on");
        _loop.Add(new TelemetryStream("climate", _climate, (int)options.Period.TotalMilliseconds, options.Flash is null ? TelemetryClass.Kept : TelemetryClass.Stored));
        _loop.Add(new TelemetryStream("health", new SimulatedHealth(options.Seed), 5 * (int)options.Period.TotalMilliseconds, TelemetryClass.Live));
        _loop.Add(_button);
        _loop.Add(relayChanges);
        _loop.Add(new SwitchCommand(_relay, relayChanges));
        // As every board: what the relay was before this boot is no longer true.
        relayChanges.Post(false);
        _loop.AddStandardCommands(new SimulatedPins(), store: null);
    }

    /// <summary>What the board does, as it does it. Raised on the board's loop: a handler that takes long holds the board up.</summary>
    public event EventHandler<BoardEventArgs>? Happened;

    /// <summary>What it was told.</summary>
    public VirtualBoardOptions Options => _options;

    /// <summary>Device level of its topics.</summary>
    public string DeviceName { get; }

    /// <summary>Where its connection stands.</summary>
    public LinkState Link => _loop.Link;

    /// <summary>Whether its relay is on.</summary>
    public bool IsRelayOn => _relay.IsOn;

    /// <summary>Messages of QoS 1 that the gateway has not acknowledged.</summary>
    public int PendingMessages => _loop.PendingMessages;

    /// <summary>True if it has stopped because it was told to reboot: switch a new one on.</summary>
    public bool IsRebootAsked => _loop.IsRebootAsked;

    /// <summary>Commands it could neither carry out nor answer since boot.</summary>
    public int LostCommands => _loop.LostCommands;

    /// <summary>Messages it had no room for since boot.</summary>
    public int DroppedMessages => _loop.DroppedMessages;

    /// <summary>Over when the board has stopped; faulted if its loop threw.</summary>
    public Task Completion => _running;

    /// <summary>What the climate sensor answers instead of measuring, until it is None again.</summary>
    public SensorError ClimateFault
    {
        get => _climate.Fault;
        set => _climate.Fault = value;
    }

    /// <summary>Switches the power on.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>A clean end: the board says that it goes, and disconnects.</summary>
    public async Task StopAsync()
    {
        _isStopping = true;
        await _running;
        // The last thing a board does in the background is DISCONNECT.
        await _background.Idle;
    }

    /// <summary>The power fails: no DISCONNECT, so the gateway sends the Will.</summary>
    public async Task KillAsync()
    {
        await _power.CancelAsync();
        _clients.Kill();
        await _running;
        await _background.Idle;
    }

    /// <summary>The Wi-Fi drops for a moment: the connection is gone without DISCONNECT, the board goes on and makes a new one.</summary>
    public void DropLink() => _clients.Drop();

    /// <summary>Somebody presses the button, or lets it go.</summary>
    public void PressButton(bool isPressed = true) => _button.Post(isPressed);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _power.Dispose();
    }

    void IDeviceLog.Write(DeviceNote note, string subject, long number) =>
        Happened?.Invoke(this, new BoardEventArgs(_options.ClientId, note, subject, number));

    private DeviceOptions Describe() => new()
    {
        ClientId = _options.ClientId,
        DeviceName = DeviceName,
        Prefix = _options.Prefix,
        UserName = _options.UserName,
        Password = _options.Password,
        Firmware = typeof(VirtualBoard).Assembly.GetName().Version?.ToString(3) ?? "0.0.0",
        Board = "virtual",
        ResetCause = _options.ResetCause,
        BootId = _options.BootId ?? Random.Shared.Next(),
        KeepAliveSeconds = _options.KeepAliveSeconds,
        OutboxBytes = _options.OutboxBytes,
        BackoffFirstMs = (int)_options.BackoffFirst.TotalMilliseconds,
        BackoffMaxMs = (int)_options.BackoffMax.TotalMilliseconds,
        Seed = _options.Seed,
    };

    private async Task RunAsync()
    {
        long boot = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(_options.Tick);
        while (!_power.IsCancellationRequested && !_loop.IsStopped)
        {
            if (_isStopping)
            {
                _loop.RequestStop();
            }

            long nowMs = (long)Stopwatch.GetElapsedTime(boot).TotalMilliseconds;
            _pressing.Tick(nowMs);
            _loop.Tick(nowMs);
            await timer.WaitForNextTickAsync();
        }
    }
}
