using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Simulation.World;

/// <summary>
/// Owns time and the order of everything: each continuation, timer, delivery and commit is an event of one queue, and a
/// seed decides what is drawn. Nothing runs beside it, so the same seed gives the same run.
/// </summary>
internal sealed class SimWorld : SynchronizationContext, IOnlyContext
{
    private const int HistoryMax = 4000;
    private const int StoryMax = 40;
    private readonly PriorityQueue<Action, (long AtMs, long Number)> _events = new();
    private readonly Queue<string> _story = new();
    private long _number;
    private bool _isMeanwhile;
    private int _thread; // which runs it now; 0 when none does
    private volatile ExceptionDispatchInfo? _broken;

    public SimWorld(int seed)
    {
        Random = new Random(seed);
        Time = new SimTime(this);
        Machine = new SimMachine(Time);
        Pipes = new SimPipes(this);
    }

    public Random Random { get; }

    public SimTime Time { get; }

    public SimMachine Machine { get; }

    public PipeScheduler Pipes { get; }

    /// <summary>A gateway has refused a message of this client for want of room. Which one, it does not say.</summary>
    public Action<string>? Refused { get; set; }

    /// <summary>A gateway has dropped a message and counted it: whom it was for, and its topic.</summary>
    public Action<string, string>? Dropped { get; set; }

    /// <summary>The same: which gateway, and the topic.</summary>
    public Action<string, string>? DroppedBy { get; set; }

    /// <summary>A gateway has found no room to retain a message of this topic: nothing is retained there.</summary>
    public Action<string>? Unretained { get; set; }

    /// <summary>Runs after each event.</summary>
    public Action? Stepped { get; set; }

    public long NowMs { get; private set; } = 1_000_000;

    public long Events { get; private set; }

    public ulong TraceHash { get; private set; } = 14695981039346656037;

    /// <summary>Bytes of everything told in this run; the last lines stay for the story of a failure.</summary>
    public void Tell(string line)
    {
        foreach (char c in line)
            TraceHash = (TraceHash ^ c) * 1099511628211;
        TraceHash = (TraceHash ^ (ulong)NowMs) * 1099511628211;
        if (_story.Count == HistoryMax)
            _ = _story.Dequeue();
        _story.Enqueue($"{NowMs - 1_000_000,8} {line}");
    }

    /// <summary>The last events that have to do with what broke: of those whom it names, and of the machine itself; with <c>DEVICEMQTT_STORY=n</c> the last n of all.</summary>
    public string StoryOf(string broken)
    {
        if (SimulationTests.Given("DEVICEMQTT_STORY") is { } lines)
            return string.Join('\n', _story.TakeLast(lines));
        string[] names = [.. broken.Split(' ', ',', ';', '\'').Where(word => word.Any(char.IsDigit) && word.Any(char.IsLetter))];
        string[] world = ["gateway up", "kill", "power", "sync", "disk", "clock", "stop", "folder"];
        return string.Join('\n', _story.Where(line => world.Concat(names).Any(w => line.Contains(w, StringComparison.Ordinal))).TakeLast(StoryMax));
    }

    public void At(long delayMs, Action action)
    {
        AssertIsAlone();
        _events.Enqueue(action, (NowMs + Math.Max(0, delayMs), ++_number));
    }

    public bool Chance(int percent) => Random.Next(100) < percent;

    public void RunUntil(long untilMs)
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        _thread = Environment.CurrentManagedThreadId;
        try
        {
            while (_events.TryPeek(out _, out (long AtMs, long Number) next) && next.AtMs <= untilMs)
            {
                Action action = _events.Dequeue();
                NowMs = Math.Max(NowMs, next.AtMs);
                Events++;
                action();
                _broken?.Throw();
                Stepped?.Invoke();
            }

            NowMs = Math.Max(NowMs, untilMs);
        }
        finally
        {
            _thread = 0;
            SetSynchronizationContext(before);
        }
    }

    /// <summary>What is due within so many milliseconds happens now, in the middle of what asks for it; not in the middle of that as well.</summary>
    public void Meanwhile(long ms)
    {
        if (_isMeanwhile)
            return;
        _isMeanwhile = true;
        long untilMs = NowMs + ms;
        try
        {
            while (_broken is null && _events.TryPeek(out _, out (long AtMs, long Number) next) && next.AtMs <= untilMs)
            {
                Action action = _events.Dequeue();
                NowMs = Math.Max(NowMs, next.AtMs);
                Events++;
                action();
            }

            NowMs = Math.Max(NowMs, untilMs);
        }
        catch (Exception exception)
        {
            // Not for whoever waits in the middle: the world tells it.
            _broken = ExceptionDispatchInfo.Capture(exception);
        }
        finally
        {
            _isMeanwhile = false;
        }
    }

    public override void Post(SendOrPostCallback d, object? state) => At(0, () => d(state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    // Another thread would make the run another each time. It breaks the run with the stack of what came in, which may swallow what is thrown here.
    private void AssertIsAlone()
    {
        if (_thread == 0 || _thread == Environment.CurrentManagedThreadId)
            return;
        InvalidOperationException fault = new($"something runs beside the simulated world, on another thread:\n{Environment.StackTrace}");
        _broken = ExceptionDispatchInfo.Capture(fault);
        throw fault;
    }

    private sealed class SimPipes(SimWorld world) : PipeScheduler
    {
        public override void Schedule(Action<object?> action, object? state) => world.At(0, () => action(state));
    }
}
