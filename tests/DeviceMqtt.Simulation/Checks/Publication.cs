using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Checks;

/// <summary>A message as its publisher knows it.</summary>
internal sealed class Publication(string publisher, bool isDurable, int number, string topic, QoS qos, long atMs)
{
    public string Publisher { get; } = publisher;

    public bool IsDurable { get; } = isDurable;

    public int Number { get; } = number;

    public string Topic { get; } = topic;

    public QoS QoS { get; } = qos;

    public long AtMs { get; } = atMs;

    /// <summary>Its topic is volatile: a gateway that ends may lose it, and nothing else.</summary>
    public bool IsVolatile => QoS != QoS.ExactlyOnce && VolatileTopics.IsVolatile(Topic);

    public bool IsAcknowledged { get; set; }

    /// <summary>When it was acknowledged first.</summary>
    public long AcknowledgedMs { get; set; }

    /// <summary>A gateway was restored from an older image than what its acknowledgement stands for, or, as a command, from one in which it waited.</summary>
    public bool IsOfLostTime { get; set; }

    /// <summary>A command that a gateway had when the image was taken from which it was restored: it may have been carried out since.</summary>
    public bool IsStaleCommand { get; set; }

    /// <summary>Its sender's Session and the receiver's have parted: QoS 2 says nothing any more.</summary>
    public bool MayComeTwice { get; set; }

    /// <summary>A gateway may have refused it while it was not acknowledged. Where its publisher did not hear of that, it comes again behind later ones that found room.</summary>
    public bool MayBeRefused { get; set; }

    /// <summary>Characters behind its id.</summary>
    public int Padding { get; init; }

    /// <summary>After which it is not delivered any more; 0 where it lives longer than any run.</summary>
    public int ExpirySeconds { get; init; }

    public string Id => $"{Publisher}:{Number}";

    /// <summary>What it says. Others may say the same on its topic: how many of them come counts, and not which.</summary>
    public string Payload { get; init; } = $"{publisher}:{number}";

    /// <summary>A gateway has let one of it go because its time was over.</summary>
    public bool HasExpired { get; set; }

    /// <summary>Others say the same.</summary>
    public bool IsOneOfEqual => Payload != Id && !IsLimitedCommand;

    /// <summary>It is a command of an upstream that says how long it is good: its expiry. Nothing else says so, and the Session there keeps it for as long as it likes.</summary>
    public bool IsLimitedCommand { get; init; }
}
