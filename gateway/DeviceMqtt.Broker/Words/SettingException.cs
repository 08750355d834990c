namespace DeviceMqtt.Broker.Words;

/// <summary>A setting that cannot be used. The message is one line that names it; the process exits with code 2.</summary>
internal sealed class SettingException(string message) : Exception(message);
