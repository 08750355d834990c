namespace DeviceMqtt.Device
{
    /// <summary>Every bound of the device logic that is not a setting. Buffers are reserved from these at start and never grow.</summary>
    public static class DeviceLimits
    {
        /// <summary>
        /// Messages the MQTT library may hold. Chosen to be four times <see cref="PublishesPerSecondMax"/>: the library keeps a QoS 1 message
        /// until its resend time (1 s) even when it was acknowledged at once, and when its queue is full it loses what arrives, silently.
        /// </summary>
        public const int InflightQueueSize = 64;

        /// <summary>QoS 1 messages handed to the library in one second; see <see cref="InflightQueueSize"/>.</summary>
        public const int PublishesPerSecondMax = 16;

        /// <summary>QoS 1 messages of one outbox that wait for their acknowledgement at the same time.</summary>
        public const int OutboxInFlightMax = 8;

        /// <summary>Bytes of the shortest telemetry: with so many for each, an outbox is full of bytes before it is full of messages. An event has 41.</summary>
        public const int OutboxMessageBytesMin = 40;

        /// <summary>Different topic names in one outbox of telemetry: one for each stream and event, and one for failed sensors.</summary>
        public const int OutboxTopicsMax = StreamsMax + EventSourcesMax + 1;

        /// <summary>Bytes of one slot of the ring file. Chosen: three or four readings, so that a board that wakes for three wastes little of it.</summary>
        public const int FlashSlotBytes = 256;

        /// <summary>Most slots of one batch: one write for about twenty readings.</summary>
        public const int FlashFrameSlotsMax = 6;

        /// <summary>Bytes of the longest batch. Reserved once when there is a ring file, and <see cref="FlashBatchBytes"/> in two outboxes.</summary>
        public const int FlashFrameBytesMax = FlashFrameSlotsMax * FlashSlotBytes;

        /// <summary>Bytes of payloads that wait in memory to become a batch: with their topics they fit into one.</summary>
        public const int FlashBatchBytes = 1024;

        /// <summary>Most messages of a batch, however small they are.</summary>
        public const int FlashBatchMessagesMax = 32;

        /// <summary>Smallest ring file: the mark, and room for two of the longest batches.</summary>
        public const int FlashFileBytesMin = FlashSlotBytes + (2 * FlashFrameBytesMax);

        /// <summary>
        /// Size of a board's ring file. Chosen: 63 slots hold about 200 readings, and the whole file is 4 of the 64 blocks of its drive, so that a
        /// batch costs few erasures (littlefs writes anew what lies behind a change).
        /// </summary>
        public const int FlashFileBytes = 64 * FlashSlotBytes;

        /// <summary>How long a message waits in memory for others to be written with, in milliseconds: what a power cut may take while the gateway is away.</summary>
        public const int FlashWaitMs = 300_000;

        /// <summary>Pause after a write that failed, in milliseconds.</summary>
        public const int FlashRetryMs = 60_000;

        /// <summary>Answers that can wait to be sent.</summary>
        public const int AnswersMax = 8;

        /// <summary>Bytes of answers that can wait to be sent: one of the longest, and half a dozen of the usual beside it.</summary>
        public const int AnswerBytesMax = DeviceMqtt.Wire.WireLimits.CommandBytesMax + 512;

        /// <summary>Bytes of a result that is kept to be repeated. Chosen: our own that act or configure have 17 at most, and 32 of them stay below 1.5 KB.</summary>
        public const int ResultKeptBytesMax = 40;

        /// <summary>How long the answer of the last command waits in memory for the next to be written with, in milliseconds.</summary>
        public const int AnswerToFileMs = 2_000;

        /// <summary>Commands that only asked, whose ids a board remembers. Chosen: the window, as many as come again after an outage; to be asked twice is no harm.</summary>
        public const int QueriesRemembered = CommandWindow;

        /// <summary>Size of the file of commands.</summary>
        public const int CommandFileBytes = CommandFile.FileBytes;

        /// <summary>Commands that the board takes at once, as its birth says: of the longest, so many fit into <see cref="InboxBytesMax"/>.</summary>
        public const int CommandWindow = 4;

        /// <summary>Messages that can wait for the loop. Chosen: twice the window. A command that comes on top is answered with busy.</summary>
        public const int InboxMessagesMax = 2 * CommandWindow;

        /// <summary>Bytes for the ids of commands that are to be answered with busy. Chosen: twenty-five with a GUID, a hundred with a short id.</summary>
        public const int BusyIdsBytesMax = 1_024;

        /// <summary>Different senders of those. Who comes on top is not answered, but counted.</summary>
        public const int BusySendersMax = 8;

        /// <summary>Bytes of the longest answer with busy: the id, and what stands around it.</summary>
        public const int BusyBytesMax = DeviceMqtt.Wire.WireLimits.CommandIdEchoBytesMax + 40;

        /// <summary>Bytes of messages that can wait for the loop; one message alone may be longer.</summary>
        public const int InboxBytesMax = CommandWindow * DeviceMqtt.Wire.WireLimits.CommandBytesMax;

        /// <summary>Commands carried out in one tick, so that a flood of them does not starve the sensors.</summary>
        public const int CommandsPerTickMax = 2;

        /// <summary>Commands a board can know.</summary>
        public const int CommandHandlersMax = 20;

        /// <summary>Pins that can be pulsed at the same time.</summary>
        public const int PulsesMax = 4;

        /// <summary>Telemetry streams of a board.</summary>
        public const int StreamsMax = 8;

        /// <summary>Event sources of a board.</summary>
        public const int EventSourcesMax = 8;

        /// <summary>Edges one event source can hold until the next tick. What comes on top takes the place of the newest, which is counted.</summary>
        public const int EdgesMax = 16;

        /// <summary>Bytes of a birth message. Chosen, because the gateway bounds it like a command.</summary>
        public const int BirthBytesMax = 1024;

        /// <summary>Bytes of one telemetry or event payload.</summary>
        public const int TelemetryBytesMax = 512;

        /// <summary>Time between two tries to bring a failed sensor back, in milliseconds.</summary>
        public const int SensorRetryMs = 10_000;

        /// <summary>How long a sensor may be measuring, in milliseconds; then it counts as failed. The slowest we know (DS18B20) takes 750.</summary>
        public const int SensorPendingMs = 2_000;

        /// <summary>Time in which at least one of the messages in flight must be acknowledged or given up, in milliseconds. The library gives up after 4 s; more means that it forgot them.</summary>
        public const int AcknowledgeMs = 10_000;

        /// <summary>Messages in a row that the library gave up before the connection counts as dead.</summary>
        public const int FailuresInARowMax = 3;

        /// <summary>Time for one connection attempt, in milliseconds: DNS, TCP and TLS, and the library's 30 s for CONNACK.</summary>
        public const int ConnectMs = 120_000;

        /// <summary>How long the next attempt waits for the last client to be closed, in milliseconds; the library takes about 1.2 s.</summary>
        public const int CloseMs = 10_000;

        /// <summary>Time for a clean stop, in milliseconds: to tell what is left, and to say that the device goes.</summary>
        public const int LeaveMs = 3_000;

        /// <summary>The last part of it, for the goodbye alone. Chosen: a second is what the library waits before it sends a message again.</summary>
        public const int GoodbyeMs = 1_000;
    }
}
