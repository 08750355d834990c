using System.Threading;

namespace DeviceMqtt.Device
{
    /// <summary>A thread for each piece of work. There is one piece for each connection that begins and one for each that ends.</summary>
    public sealed class ThreadBackground : IBackground
    {
        /// <inheritdoc/>
        public void Run(ThreadStart work)
        {
            new Thread(work).Start();
        }
    }
}
