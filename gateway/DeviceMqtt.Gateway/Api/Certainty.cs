using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Api;

/// <summary>What an answer says of a change that is not on the disk.</summary>
internal static class Certainty
{
    /// <summary>Null where it is on the disk: the answer may say that it is done.</summary>
    /// <param name="end">How certain it is.</param>
    /// <param name="noRoom">What it means that there was no room for it.</param>
    public static Problem? Lacking(DurableEnd end, string noRoom) => end switch
    {
        DurableEnd.OnDisk => null,
        DurableEnd.NoRoom => Problem.NoRoom(noRoom),
        _ => new Problem(StatusCodes.Status503ServiceUnavailable, "Not on the disk", "The disk has not confirmed it. It may be done now, and undone after a restart.", "See Health, and look again when the disk is well."),
    };
}
