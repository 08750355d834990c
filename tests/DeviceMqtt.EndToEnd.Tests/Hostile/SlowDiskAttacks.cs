namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>What waits for a slow disk, and what only looks like it.</summary>
internal static class SlowDiskAttacks
{
    private const int Users = 20;
    private const int ConnectionsOfOne = 10;

    // Of packets that are not whole.
    private static readonly int[] Sent = [5_000, 30_000, 100_000, 300_000, 990_000];

    public static IEnumerable<Attack> All()
    {
        yield return new("20 users with 10 connections each, and a slow disk", async mallory =>
        {
            if (await mallory.Connect("absent", clean: false) is { } absent)
                _ = await absent.Send(HostileBytes.Subscribe(isV5: false, qos: 1, "flood/#"));
            await Task.WhenAll(Enumerable.Range(0, Users * ConnectionsOfOne).Select(number => Attack(mallory, number / ConnectionsOfOne, number % ConnectionsOfOne)));
        })
        { Users = Users, IsDiskSlow = true };
    }

    private static async Task Attack(Mallory mallory, int user, int number)
    {
        while (!mallory.IsToStop)
        {
            switch (number % 3)
            {
                case 0:
                    await HoldUnfinished(mallory, user, Sent[(user + number) % Sent.Length]);
                    break;
                case 1:
                    await Publish(mallory, user, 100);
                    break;
                default:
                    await Publish(mallory, user, Sent[(user + number) % Sent.Length]);
                    break;
            }

            // It was closed or refused. It has a connection without a CONNECT for a moment, and comes again: it is memory that is tried, and not logins.
            if (await mallory.Open(user) is not { } silent)
                continue;
            _ = await silent.HasEnded(TimeSpan.FromMilliseconds(200));
            await silent.DisposeAsync();
        }
    }

    private static async Task HoldUnfinished(Mallory mallory, int user, int bytes)
    {
        if (await mallory.Connect(user: Mallory.UserOf(user), address: user) is not { } socket || !await socket.Send(HostileBytes.Unfinished(0x30, 1_000_000, bytes)))
            return;
        while (!mallory.IsToStop && !await socket.HasEnded(TimeSpan.FromMilliseconds(200)))
        {
        }
    }

    private static Task Publish(Mallory mallory, int user, int bytes)
    {
        byte[] payload = new byte[bytes];
        return MemoryAttacks.Publish(mallory, n => RawBytes.Publish("flood/m", payload, qos: 1, packetId: 1 + (n % 60_000)), int.MaxValue, user: Mallory.UserOf(user), address: user);
    }
}
