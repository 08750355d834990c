using System.Threading;

namespace DeviceMqtt.Device
{
    /// <summary>Where work goes that may block: connecting (30 s and more) and closing (more than a second). The loop never waits for it.</summary>
    public interface IBackground
    {
        /// <summary>Runs the work soon, on another thread. The work does not throw.</summary>
        void Run(ThreadStart work);
    }
}
