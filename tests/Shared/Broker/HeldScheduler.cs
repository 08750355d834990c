using System.IO.Pipelines;

namespace DeviceMqtt.TestSupport;

/// <summary>Runs at once what a pipe has to go on with, or, while it is held, not before <see cref="Release"/>: bytes that are there and that nobody has read.</summary>
internal sealed class HeldScheduler : PipeScheduler
{
    private readonly List<Action> _waiting = [];
    private bool _isHeld;

    public void Hold() => _isHeld = true;

    public void Release()
    {
        _isHeld = false;
        Action[] waiting = [.. _waiting];
        _waiting.Clear();
        foreach (Action action in waiting)
            action();
    }

    public override void Schedule(Action<object?> action, object? state)
    {
        if (_isHeld)
            _waiting.Add(() => action(state));
        else
            action(state);
    }
}
