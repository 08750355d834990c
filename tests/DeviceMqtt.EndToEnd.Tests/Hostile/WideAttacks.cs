namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>Little is sent, and much has to be written for it.</summary>
internal static class WideAttacks
{
    public static IEnumerable<Attack> All()
    {
        yield return new("500 subscribers that read, and messages of 1 MB for all of them", async mallory =>
        {
            await SubscribeAsync(mallory, 500, "flood/#");
            await MemoryAttacks.Publish(mallory, i => RawBytes.Publish($"flood/{i}", new byte[1_000_000], qos: 0), 10);
        });
        yield return new("500 subscribers that read everything the boards say", mallory => SubscribeAsync(mallory, 500, "#"));
        yield return new("60 Wills of 64 KB at once, and 200 subscribers to them that read", async mallory =>
        {
            await SubscribeAsync(mallory, 200, "flood/#");
            List<HostileSocket> dying = [];
            await Mallory.Each(60, async i =>
            {
                if (await mallory.Connect(willTopic: HostileBytes.Utf8("flood/w"), willPayload: new byte[65_535]) is { } socket)
                    lock (dying)
                        dying.Add(socket);
            });
            foreach (HostileSocket socket in dying)
                await socket.DisposeAsync();
        });
        yield return new("20 clients that ask for 5 MB of retained messages again and again", async mallory =>
        {
            await MemoryAttacks.Publish(mallory, i => RawBytes.Publish($"r/{i}", new byte[60_000], qos: 0, retain: true), 80);
            byte[] burst = [.. Enumerable.Repeat(HostileBytes.Subscribe(isV5: false, qos: 0, "r/#"), 20).SelectMany(bytes => bytes)];
            await Mallory.Each(20, number => MemoryAttacks.Publish(mallory, _ => burst, int.MaxValue));
        });
    }

    private static Task SubscribeAsync(Mallory mallory, int count, string filter) => Mallory.Each(count, async number =>
    {
        if (await mallory.Connect() is not { } socket)
            return;
        socket.Drain();
        _ = await socket.Send(HostileBytes.Subscribe(isV5: false, qos: 0, filter));
    });
}
