using System.Globalization;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>How many, in the words of a sentence: one is not "1 messages", and thousands are told apart as everywhere else in the console.</summary>
internal static class Counted
{
    public static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <returns>As "1 message" or "2,500 messages".</returns>
    public static string Of(long count, string one) => count == 1 ? $"1 {one}" : $"{Number(count)} {one}s";

    /// <returns>As "1 message waits" or "2,500 messages wait".</returns>
    public static string Wait(long count, string one) => $"{Of(count, one)} {(count == 1 ? "waits" : "wait")}";

    /// <returns>As "1 message was" or "2,500 messages were".</returns>
    public static string Were(long count, string one) => $"{Of(count, one)} {(count == 1 ? "was" : "were")}";

    /// <returns>As "1 was" or "2,500 were".</returns>
    public static string Were(long count) => $"{Number(count)} {(count == 1 ? "was" : "were")}";
}
