namespace DeviceMqtt.Broker.Words;

/// <summary>One message that somebody does not get.</summary>
/// <param name="Reason">The one reason.</param>
/// <param name="Owner">Whom or what it is about.</param>
/// <param name="Topic">Its Topic Name; empty where it is not known, because the message was on the disk alone.</param>
/// <param name="PayloadBytes">Of its payload, with 5.0 properties where it had to wait; 0 where that is not known.</param>
/// <param name="IsRefused">Its publisher is told so, and may send it again.</param>
public readonly record struct Drop(DropReason Reason, DropOwner Owner, string Topic = "", int PayloadBytes = 0, bool IsRefused = false);
