namespace System.Device.Wifi;

/// <summary>
/// The chip's Wi-Fi as the runtime's driver class sees it. The real one enters each object into a static list when it is made, and only Dispose takes it out again.
/// </summary>
public sealed class WifiAdapter : IDisposable
{
    private static int _alive;
    private int _isDisposed;

    private WifiAdapter() => Interlocked.Increment(ref _alive);

    /// <summary>How many were made and not disposed: memory that a board does not get back.</summary>
    internal static int Alive => Volatile.Read(ref _alive);

    /// <summary>New objects for all there are: a board has one.</summary>
    public static WifiAdapter[] FindAllAdapters() => [new()];

    /// <summary>Takes it out of the list.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            Interlocked.Decrement(ref _alive);
        }
    }
}
