using System.Collections;
using System.Threading;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>Does the work at once, or when the test says.</summary>
    internal sealed class FakeBackground : IBackground
    {
        private readonly Queue _waiting = new Queue();

        /// <summary>True: the work waits for <see cref="RunAll"/>.</summary>
        internal bool IsSlow { get; set; }

        internal int WaitingCount => _waiting.Count;

        public void Run(ThreadStart work)
        {
            if (IsSlow)
            {
                _waiting.Enqueue(work);
            }
            else
            {
                work();
            }
        }

        /// <summary>Does what came last; what came before waits on.</summary>
        internal void RunLast()
        {
            for (int i = _waiting.Count - 1; i > 0; i--)
            {
                _waiting.Enqueue(_waiting.Dequeue());
            }

            if (_waiting.Count > 0)
            {
                ((ThreadStart)_waiting.Dequeue()!)();
            }
        }

        internal void RunAll()
        {
            while (_waiting.Count > 0)
            {
                ((ThreadStart)_waiting.Dequeue()!)();
            }
        }
    }
}
