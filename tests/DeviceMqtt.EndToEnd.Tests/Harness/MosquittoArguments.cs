using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>The options that mosquitto_pub and mosquitto_sub share.</summary>
internal static class MosquittoArguments
{
    public static IEnumerable<string> Connection(BrokerUnderTest broker, string clientId, string? userName, string? password)
    {
        List<string> arguments =
            ["-h", BrokerUnderTest.Host, "-p", broker.Port.ToString(CultureInfo.InvariantCulture), "-i", clientId];
        if (userName is not null)
        {
            arguments.AddRange(["-u", userName]);
        }

        if (password is not null)
        {
            arguments.AddRange(["-P", password]);
        }

        return arguments;
    }

    public static IEnumerable<string> Will(Will will)
    {
        List<string> arguments =
            ["--will-topic", will.Topic, "--will-payload", will.Payload, "--will-qos", will.QoS.ToString(CultureInfo.InvariantCulture)];
        if (will.Retain)
        {
            arguments.Add("--will-retain");
        }

        return arguments;
    }
}
