namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>Small inputs that make a gateway keep much.</summary>
internal static class MemoryAttacks
{
    private const int Longest = 65_535;

    public static IEnumerable<Attack> All()
    {
        yield return new("2,000 connections with 79 KB of a CONNECT that is not whole", mallory => Mallory.Each(2_000, async i =>
        {
            if (await mallory.Open(i % 8) is { } socket)
                _ = await socket.Send(HostileBytes.Unfinished(0x10, 80_000, 79_000));
        }));
        yield return new("200 clients with 1 MB of a PUBLISH that is not whole", mallory => Mallory.Each(200, async number =>
        {
            if (await mallory.Connect() is { } socket)
                _ = await socket.Send(HostileBytes.Unfinished(0x30, 1_000_000, 990_000));
        }));
        yield return new("500 filters of 64 KB, on four Sessions", mallory => Mallory.Each(4, async s =>
        {
            if (await mallory.Connect() is not { } socket)
                return;
            socket.Drain();
            for (int i = 0; i < 500; i++)
                if (!await socket.Send(HostileBytes.Subscribe(isV5: false, qos: 1, HostileBytes.Long((s * 1000) + i, Longest))))
                    return;
        }));
        yield return new("3,450 filters of 127 levels", mallory => Mallory.Each(4, async s =>
        {
            if (await mallory.Connect() is not { } socket)
                return;
            socket.Drain();
            for (int i = 0; i < 900; i++)
                if (!await socket.Send(HostileBytes.Subscribe(isV5: false, qos: 1, string.Join('/', Enumerable.Repeat($"{s}-{i}", 127)))))
                    return;
        }));
        yield return new("3,000 retained messages on topics of 64 KB", mallory => Mallory.Each(10, async s =>
        {
            if (await mallory.Connect() is not { } socket)
                return;
            for (int i = 0; i < 300; i++)
                if (!await socket.Send(RawBytes.Publish(HostileBytes.Long((s * 1000) + i, Longest), "x", qos: 0, retain: true)))
                    return;
        }));
        yield return new("1,050 Wills of 64 KB", mallory => Mallory.Each(1_050, i => mallory.Connect(willTopic: HostileBytes.Utf8($"will/{i}"), willPayload: new byte[Longest])));
        yield return new("200 clients with 64 topic aliases of 64 KB", mallory => Mallory.Each(200, async c =>
        {
            if (await mallory.Connect(isV5: true) is not { } socket)
                return;
            socket.Drain();
            for (byte alias = 1; alias <= 64; alias++)
                if (!await socket.Send(HostileBytes.PublishV5(HostileBytes.Long((c * 100) + alias, Longest), [0x23, 0, alias], [])))
                    return;
        }));
        yield return new("200 subscribers that do not read, and messages of 1 MB for them", async mallory =>
        {
            await Mallory.Each(200, async i =>
            {
                if (await mallory.Connect() is { } socket)
                    _ = await socket.Send(HostileBytes.Subscribe(isV5: false, qos: i % 2, "flood/#"));
            });
            await Publish(mallory, i => RawBytes.Publish($"flood/{i}", new byte[1_000_000], qos: 0), 300);
        });
        yield return new("20 clients that never acknowledge, with 1,000 messages of 1 MB in flight each", async mallory =>
        {
            await Mallory.Each(20, async i =>
            {
                if (await mallory.Connect($"never-{i}", clean: false) is not { } socket)
                    return;
                socket.Drain();
                _ = await socket.Send(HostileBytes.Subscribe(isV5: false, qos: 1, "flood/#"));
            });
            await Publish(mallory, i => RawBytes.Publish($"flood/{i}", new byte[1_000_000], qos: 1, packetId: 1 + (i % 60_000)), 150);
        });
        yield return new("50 subscribers with topic aliases, and 1 MB of user properties for them", async mallory =>
        {
            await Mallory.Each(50, async number =>
            {
                if (await mallory.Connect(isV5: true) is not { } socket)
                    return;
                socket.Drain();
                _ = await socket.Send(RawBytes.Packet(0x82, [0, 1, 2, 0x0B, 1, .. RawBytes.Text("flood/#"), 0]));
            });
            byte[] property = [0x26, .. RawBytes.Text("n"), .. RawBytes.Text(new string('v', 60_000))];
            byte[] properties = [.. Enumerable.Repeat(property, 16).SelectMany(p => p)];
            await Publish(mallory, _ => HostileBytes.PublishV5("flood/p", properties, []), 50, isV5: true);
        });
        yield return new("300,000 filters in one SUBSCRIBE", mallory => Mallory.Each(10, async number =>
        {
            if (await mallory.Connect() is { } socket)
                _ = await socket.Send(RawBytes.Packet(0x82, [0, 1, .. Enumerable.Repeat((byte[])[0, 1, (byte)'a', 0], 250_000).SelectMany(b => b)]));
        }));
        yield return new("1,000 subscribers to #, and 10,000 topics for them", async mallory =>
        {
            await Mallory.Each(1_000, async number =>
            {
                if (await mallory.Connect() is not { } socket)
                    return;
                socket.Drain();
                _ = await socket.Send(HostileBytes.Subscribe(isV5: false, qos: 0, "flood/#"));
            });
            await Publish(mallory, i => RawBytes.Publish($"flood/{i}", "x"), 10_000);
        });
        yield return new("QoS 2 messages without PUBREL, under all Packet Identifiers", mallory => Mallory.Each(200, async c =>
        {
            if (await mallory.Connect($"qos2-{c}", clean: false) is not { } socket)
                return;
            socket.Drain();
            for (int id = 1; id <= 65_000; id += 500)
                if (!await socket.Send(RawBytes.Publish("two", "x", qos: 2, packetId: id)))
                    return;
        }));
    }

    /// <summary>Publishes as fast as the gateway takes it, on one connection after the other where they are ended.</summary>
    public static async Task Publish(Mallory mallory, Func<int, byte[]> message, int count, bool isV5 = false, string user = Mallory.User, int address = 0)
    {
        HostileSocket? socket = null;
        for (int i = 0; i < count && !mallory.IsToStop; i++)
        {
            if (socket is null)
            {
                if ((socket = await mallory.Connect(isV5: isV5, user: user, address: address)) is null)
                    return;
                socket.Drain();
            }

            if (!await socket.Send(message(i)))
                socket = null;
        }
    }
}
