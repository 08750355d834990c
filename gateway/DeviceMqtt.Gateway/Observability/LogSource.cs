namespace DeviceMqtt.Gateway.Observability;

/// <summary>Where lines of the log come from.</summary>
internal enum LogSource
{
    /// <summary>Our own code.</summary>
    Gateway,

    /// <summary>.NET and ASP.NET Core.</summary>
    Framework,

    /// <summary>The generic host of .NET.</summary>
    Host,
}
