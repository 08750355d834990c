using System.Net;

namespace DeviceMqtt.Gateway.Migration;

/// <summary>One <c>listener</c> of a <c>mosquitto.conf</c>.</summary>
internal sealed class MosquittoListener
{
    /// <summary>Where it is said.</summary>
    public MosquittoPlace At { get; init; }

    public string Port { get; set; } = "1883";

    /// <summary>Empty for all addresses.</summary>
    public string Address { get; set; } = "";

    public bool IsWebSocket { get; set; }

    public bool IsTls { get; set; }

    /// <summary>Who has no user name gets in; null where the file does not say so for this listener.</summary>
    public bool? IsAnonymous { get; set; }

    /// <summary>It speaks something else, or its TLS has a shared key: there is none here.</summary>
    public bool IsOther { get; set; }

    /// <summary>It is that of one network interface.</summary>
    public bool IsOfInterface { get; set; }

    /// <summary><c>ipv4</c> or <c>ipv6</c>; empty for both.</summary>
    public string Domain { get; set; } = "";

    /// <summary>Nothing here listens in its place.</summary>
    public bool IsLeftOut => IsOther || Port == "0";

    /// <summary>Only programs of the same machine reach it.</summary>
    public bool IsOfThisMachine => Port == "0" || Address == "localhost" || (IPAddress.TryParse(Address, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>As <c>Listen</c> or <c>Http</c> has it.</summary>
    public string ToAddress()
    {
        string scheme = (IsWebSocket, IsTls) switch { (false, false) => "", (false, true) => "mqtts://", (true, false) => "", (true, true) => "https://" };
        // All addresses would be more than those of one interface.
        string host = Address.Length == 0 ? IsOfInterface ? "127.0.0.1" : Domain == "ipv4" ? "0.0.0.0" : "*" : Address.Contains(':', StringComparison.Ordinal) ? $"[{Address}]" : Address;
        return $"{scheme}{host}:{Port}";
    }
}
