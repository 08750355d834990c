using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>Time for boards: section <c>Time</c>.</summary>
internal sealed class TimeOptions
{
    /// <summary>Value of <see cref="Sntp"/> for no time server.</summary>
    public const string Off = "off";

    /// <summary>Where the gateway answers SNTP, <c>*:123</c> say, for boards on a network without internet; <c>off</c>.</summary>
    public string Sntp { get; set; } = Off;

    /// <summary>There is a time server.</summary>
    public bool HasSntp => !string.Equals(Sntp, Off, StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check()
    {
        if (!HasSntp)
            return null;
        try
        {
            _ = ListenAddress.Parse("Time:Sntp", Sntp);
            return null;
        }
        catch (SettingException exception)
        {
            return exception.Message;
        }
    }
}
