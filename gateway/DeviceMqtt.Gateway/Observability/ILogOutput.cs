namespace DeviceMqtt.Gateway.Observability;

/// <summary>Where the lines of the log go. Called by one thread.</summary>
internal interface ILogOutput
{
    /// <summary>It shows <see cref="PrintedLine.Fields"/>.</summary>
    bool HasFields { get; }

    /// <summary>Writes a line; may wait for its reader.</summary>
    /// <exception cref="IOException">The line could not be written, or not all of it. The next one may be.</exception>
    void Write(PrintedLine line);
}
