using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>Looks at the broker's state for one who waits outside: step by step, over as many turns as it takes, a slice in each.</summary>
internal static class TurnWork
{
    /// <summary>One look that is short: a lookup, or some figures.</summary>
    public static T Read<T>(Turn turn, Func<T> read)
    {
        using Turn.Scope scope = turn.Enter();
        return read();
    }

    /// <summary>Goes through items that were there at the start, some in each turn. Those that are gone meanwhile are met all the same.</summary>
    /// <param name="turn">Of the broker.</param>
    /// <param name="room">Has the items meanwhile, and is empty again afterwards: one who looks each second uses one for all times.</param>
    /// <param name="all">Called once, in the first turn: what to go through.</param>
    /// <param name="each">Called in a turn for each.</param>
    /// <returns>Completes outside a turn.</returns>
    public static Task ForEachAsync<T>(Turn turn, List<T> room, Func<IEnumerable<T>> all, Action<T> each)
    {
        Walk<T> walk = new(room, all, each);
        using (turn.Enter())
            turn.Jobs.Start(walk);
        return walk.Done;
    }

    /// <summary>Calls a step again and again, until it says that it was the last.</summary>
    public static Task StepAsync(Turn turn, Func<bool> step)
    {
        Steps steps = new(step);
        using (turn.Enter())
            turn.Jobs.Start(steps);
        return steps.Done;
    }

    /// <summary>Goes through what is retained on topics that a filter matches, for as long as it is wanted.</summary>
    /// <param name="broker">Whose.</param>
    /// <param name="filter">A Topic Filter.</param>
    /// <param name="each">Called in a turn for each; false when that was enough.</param>
    public static Task ForEachRetainedAsync(BrokerState broker, string filter, Func<Message, bool> each)
    {
        var cursor = Read(broker.Turn, () => broker.Retained.Open(filter));
        return StepAsync(broker.Turn, () => cursor.Step(out Message? message) && (message is null || each(message)));
    }

    private abstract class Look : IJob
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public bool Writes => false;

        public string Name => "a look at the state";

        public bool Run(Turn turn)
        {
            bool isOver = GoOn(turn);
            if (isOver)
                _ = _done.TrySetResult();
            return isOver;
        }

        // Whoever asked is told.
        public virtual AfterFault Failed(Exception fault, Turn turn)
        {
            _ = _done.TrySetException(fault);
            return AfterFault.OwnerEnded;
        }

        protected abstract bool GoOn(Turn turn);
    }

    private sealed class Walk<T>(List<T> room, Func<IEnumerable<T>> all, Action<T> each) : Look
    {
        private int _next = -1;

        protected override bool GoOn(Turn turn)
        {
            if (_next < 0)
            {
                room.AddRange(all());
                _next = 0;
            }

            while (_next < room.Count)
            {
                if (turn.IsSliceOver)
                    return false;
                each(room[_next++]);
            }

            room.Clear();
            return true;
        }

        public override AfterFault Failed(Exception fault, Turn turn)
        {
            room.Clear();
            return base.Failed(fault, turn);
        }
    }

    private sealed class Steps(Func<bool> step) : Look
    {
        protected override bool GoOn(Turn turn)
        {
            while (step())
                if (turn.IsSliceOver)
                    return false;
            return true;
        }
    }
}
