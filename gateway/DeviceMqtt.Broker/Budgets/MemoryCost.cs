using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Budgets;

/// <summary>
/// What things take in memory, in bytes. Measured on 64-bit .NET 10 on 2026-11-28 (live bytes after a full collection), with their users on 2026-11-30, and rounded up:
/// a budget that is too careful refuses early, one that is not lets the process die.
/// </summary>
internal static class MemoryCost
{
    /// <summary>A connection with its buffers, at rest.</summary>
    public const int Connection = 10 * 1024;

    /// <summary>What a connection may write without asking: a block of the transport's.</summary>
    public const int OutputBlock = 4096;

    /// <summary>A message that waits on the disk: its place in the queue, and in the journal's index. Measured on 2026-11-29.</summary>
    public const int Reference = 64;

    /// <summary>The same while it is in flight: an object of its own, or its place beside a whole message.</summary>
    public const int ReferenceInFlight = 128;

    /// <summary>
    /// A message that waits, while a recovery reads it, beside the <see cref="Reference"/> that it is to be: the half of the memory that is for nobody pays for that
    /// (<see cref="MemoryPlan.Default"/>). Measured on 2026-11-30, for many of one owner in their order.
    /// </summary>
    public const int Recovered = 32;

    private const int Text = 32; // of a string or an array, without its characters
    private const int Characters = 2;
    private const int SessionObjects = 1024;
    private const int SubscriptionObjects = 320;
    private const int LevelObjects = 320; // node, and the table that holds it
    private const int DeviceObjects = 384; // with the name of its user
    private const int OwnerObjects = 1536; // its accounts, what it has of disk and time, and its place in two tables that have just grown
    private const int ReceiptObjects = 320; // its place in a table that has just grown, and the headers of four texts
    private const int RouteObjects = 320;
    private const int AliasObjects = 96;
    private const int RecipientBytes = 48;
    private const int BitsPerByte = 8;
    private const int WillObjects = 256;
    private const int DeviceToldObjects = 224; // its place in a table that has just grown and in the order, and what is there
    private const int DeviceBelowObjects = 352; // its place in a table that has just grown, the lists of those that have it and of their filters, and what is there
    private const int BirthObjects = 96;
    private const int BootObjects = 104; // with its place in a list that has just grown
    private const int Copies = 3; // what is in a snapshot: as it is, in the snapshot, and while that is written

    /// <param name="clientId">Its Client Identifier.</param>
    public static int Session(string clientId) => SessionObjects + (Copies * TextBytes(clientId.Length));

    /// <param name="filter">Its Topic Filter.</param>
    public static int Subscription(string filter) => SubscriptionObjects + (Copies * TextBytes(filter.Length)) + Levels(filter);

    /// <summary>A Topic Name or Topic Filter in a tree: a node for each level, with its text.</summary>
    public static int Levels(string topic) => ((topic.AsSpan().Count('/') + 1) * (LevelObjects + Text)) + (topic.Length * Characters);

    /// <param name="topic">Of the Will.</param>
    /// <param name="payloadBytes">Of the Will, with its properties.</param>
    public static int Will(string topic, int payloadBytes) => WillObjects + (Copies * (TextBytes(topic.Length) + payloadBytes));

    /// <param name="clientId">Its Client Identifier.</param>
    public static int Device(string clientId) => DeviceObjects + (Copies * TextBytes(clientId.Length));

    /// <summary>A user, or an address, that has something.</summary>
    /// <param name="name">For the log.</param>
    /// <param name="userName">Where it is a user.</param>
    public static int Owner(string name, string? userName) => OwnerObjects + TextBytes(name.Length) + (userName is null ? 0 : TextBytes(userName.Length));

    /// <param name="texts">Characters of all its texts.</param>
    public static int Receipt(int texts) => ReceiptObjects + TextBytes(texts);

    /// <param name="topicBytes">Of the Topic Name in UTF-8.</param>
    /// <param name="recipients">Whom its messages are for.</param>
    public static int Route(int topicBytes, int recipients) => RouteObjects + (topicBytes * (1 + Characters)) + (recipients * RecipientBytes);

    /// <summary>What is left of a message for many, without the message.</summary>
    /// <param name="own">Recipients of a list that is there because of it.</param>
    /// <param name="recipients">Whom it is for: a bit for each.</param>
    /// <param name="chosen">Those of shared subscriptions.</param>
    public static int FanOut(int own, int recipients, int chosen) => RouteObjects + (own * RecipientBytes) + (recipients / BitsPerByte) + (chosen * 2 * RecipientBytes);

    /// <param name="topicBytes">Of the Topic Name that a 5.0 client has given an alias.</param>
    public static int Alias(int topicBytes) => topicBytes + AliasObjects;

    /// <param name="topic">That the gateway has given an alias towards a 5.0 client.</param>
    public static int OutboundAlias(string topic) => AliasObjects + TextBytes(topic.Length);

    /// <param name="topic">Of which a message of a gateway below was refused.</param>
    public static int RefusedTopic(string topic) => AliasObjects + TextBytes(topic.Length);

    /// <summary>A place among the devices that have told something. Chosen: what its objects add up to, rounded up.</summary>
    /// <param name="name">What the device is called.</param>
    public static int DeviceTold(string name) => DeviceToldObjects + TextBytes(name.Length);

    /// <summary>That a gateway below is subscribed for a device. Chosen: what its objects add up to, rounded up, as if no other was.</summary>
    /// <param name="name">What the device is called.</param>
    public static int DeviceBelow(string name) => DeviceBelowObjects + TextBytes(name.Length);

    /// <summary>What the gateway keeps of a birth.</summary>
    /// <param name="configuring">The names of the commands that configure.</param>
    public static int Birth(string[] configuring)
    {
        int bytes = BirthObjects;
        foreach (string name in configuring)
            bytes += sizeof(long) + TextBytes(name.Length);
        return bytes;
    }

    /// <param name="count">Boots of one board.</param>
    public static int Boots(int count) => Text + (count * BootObjects);

    private static int TextBytes(int characters) => Text + (characters * Characters);
}
