namespace DeviceMqtt.Device
{
    /// <summary>What a device tells its log, with the meaning of subject and number.</summary>
    public enum DeviceNote
    {
        /// <summary>A connection attempt begins. Subject: Client Identifier; number: how many attempts before it failed in a row.</summary>
        Connecting = 1,

        /// <summary>Connected. Subject: Client Identifier; number: which connection since boot.</summary>
        Connected = 2,

        /// <summary>An attempt failed. Subject: what the library said; number: <see cref="LinkFault"/>.</summary>
        ConnectFailed = 3,

        /// <summary>The connection ended. Subject: Client Identifier; number: <see cref="LinkFault"/>.</summary>
        LinkLost = 4,

        /// <summary>Presence was acknowledged. Subject: topic; number: 1 online, 0 offline.</summary>
        PresenceTold = 5,

        /// <summary>The birth message was acknowledged. Subject: topic; number: bytes.</summary>
        BirthTold = 6,

        /// <summary>A reading was taken. Subject: stream; number: sequence number.</summary>
        Measured = 7,

        /// <summary>A reading of QoS 0 was dropped because the gateway is away. Subject: stream; number: how many so far.</summary>
        ReadingDropped = 8,

        /// <summary>A sensor failed. Subject: sensor; number: <see cref="SensorError"/>.</summary>
        SensorFailed = 9,

        /// <summary>A sensor works again. Subject: sensor; number: 0.</summary>
        SensorRecovered = 10,

        /// <summary>The outbox is full: its oldest message was dropped. Subject: topic of that message; number: how many so far.</summary>
        OutboxDropped = 11,

        /// <summary>An event was noticed. Subject: event; number: 1 on, 0 off.</summary>
        EventRaised = 12,

        /// <summary>A command was carried out. Subject: command; number: code of the answer.</summary>
        CommandDone = 13,

        /// <summary>A command was a duplicate: the stored answer was repeated. Subject: command; number: 0.</summary>
        CommandRepeated = 14,

        /// <summary>A command was not carried out: busy, expired, or wrong. Subject: status of the answer; number: its code.</summary>
        CommandRefused = 15,

        /// <summary>A message that nobody can be answered for was dropped. Subject: topic; number: bytes.</summary>
        MessageIgnored = 16,

        /// <summary>The loop has ended. Subject: Client Identifier; number: messages left unsent.</summary>
        Stopped = 17,

        /// <summary>The boots before left messages in flash. Subject: <c>flash</c>; number: how many.</summary>
        OutboxFound = 18,

        /// <summary>Messages went from memory to flash, in one write. Subject: <c>flash</c>; number: how many.</summary>
        OutboxStored = 19,

        /// <summary>
        /// The flash could not be read or written. Subject: <c>read</c>, <c>write</c>, <c>mark</c> or <c>commands</c>; number: messages that stay in
        /// memory.
        /// </summary>
        FlashFailed = 20,

        /// <summary>A command found no room, not even to be answered. Subject: Client Identifier; number: how many so far.</summary>
        CommandLost = 21,
    }
}
