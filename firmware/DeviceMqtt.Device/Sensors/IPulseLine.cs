namespace DeviceMqtt.Device
{
    /// <summary>A wire that a part answers on with pulses of different lengths. None of these calls waits.</summary>
    public interface IPulseLine
    {
        /// <summary>Pulls the line down.</summary>
        void PullDown();

        /// <summary>Lets the line go, and measures what the part does with it from now on.</summary>
        void Listen();

        /// <summary>Takes the lengths of the times the line was high, in microseconds and in order. Returns how many there were, at most as many as fit.</summary>
        int Fetch(int[] highMicroseconds);
    }
}
