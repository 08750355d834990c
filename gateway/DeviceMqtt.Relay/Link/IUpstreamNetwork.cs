namespace DeviceMqtt.Relay.Link;

/// <summary>The way to an upstream before TLS: TCP, or what a test has in its place.</summary>
internal interface IUpstreamNetwork
{
    /// <summary>Connects to a port.</summary>
    /// <param name="host">A name, or an address.</param>
    /// <param name="port">1 to 65,535.</param>
    /// <param name="cancellation">Ends the try.</param>
    /// <exception cref="UplinkException">It did not work out; says why.</exception>
    /// <exception cref="OperationCanceledException">Nothing answered in time.</exception>
    Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellation);
}
