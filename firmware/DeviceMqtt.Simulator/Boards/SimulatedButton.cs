using DeviceMqtt.Device;

namespace DeviceMqtt.Simulator;

/// <summary>A button that somebody presses now and then, at seeded times, and lets go at the next tick.</summary>
internal sealed class SimulatedButton(EventSource source, int seed, TimeSpan? every)
{
    private readonly Random _random = new(seed);
    private double _dueMs = double.NaN;
    private bool _isPressed;

    internal void Tick(long nowMs)
    {
        if (every is not { } mean)
        {
            return;
        }

        if (_isPressed)
        {
            _isPressed = false;
            source.Post(false);
        }

        if (double.IsNaN(_dueMs))
        {
            _dueMs = nowMs + (2 * mean.TotalMilliseconds * _random.NextDouble());
        }
        else if (nowMs >= _dueMs)
        {
            _isPressed = true;
            _dueMs = double.NaN;
            source.Post(true);
        }
    }
}
