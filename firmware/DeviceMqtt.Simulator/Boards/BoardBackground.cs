using DeviceMqtt.Device;

namespace DeviceMqtt.Simulator;

/// <summary>Threads for what blocks, which do not keep the process alive and can be waited for.</summary>
internal sealed class BoardBackground : IBackground
{
    private readonly Lock _gate = new();
    private readonly List<Task> _running = [];

    /// <summary>Over when everything that was begun is done.</summary>
    internal Task Idle
    {
        get
        {
            lock (_gate)
            {
                return Task.WhenAll(_running);
            }
        }
    }

    public void Run(ThreadStart work)
    {
        lock (_gate)
        {
            _running.RemoveAll(task => task.IsCompleted);
            _running.Add(Task.Factory.StartNew(() => work(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
    }
}
