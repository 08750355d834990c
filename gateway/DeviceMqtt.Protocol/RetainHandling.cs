namespace DeviceMqtt.Protocol;

/// <summary>When a SUBSCRIBE of 5.0 asks for retained messages (3.8.3.1). Older clients always get <see cref="SendAtSubscribe"/>.</summary>
public enum RetainHandling : byte
{
    SendAtSubscribe = 0,
    SendIfNewSubscription = 1,
    DoNotSend = 2,
}
