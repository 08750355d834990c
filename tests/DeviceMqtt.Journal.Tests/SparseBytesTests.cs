namespace DeviceMqtt.Journal.Tests;

[TestClass]
public sealed class SparseBytesTests
{
    private const int Block = 16 * 1024;

    // Beside arrays that are what it says it is; copies are made on the way, and all of them written.
    [TestMethod]
    public void WritesAndCopies_AtRandom_AreThoseOfArrays()
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            Random random = new(seed);
            List<(SparseBytes Sparse, byte[] Plain)> pairs = [(new SparseBytes(3 * Block), new byte[3 * Block])];
            for (int step = 0; step < 60; step++)
            {
                int at = random.Next(pairs.Count);
                (SparseBytes sparse, byte[] plain) = pairs[at];
                if (random.Next(6) == 0)
                    pairs.Add((sparse.Copy(), [.. plain]));
                else
                    pairs[at] = (sparse, Written(sparse, plain, random));
            }

            foreach ((SparseBytes sparse, byte[] plain) in pairs)
                Assert.IsTrue(sparse.Length == plain.Length && sparse.ToArray().AsSpan().SequenceEqual(plain), $"seed {seed}");
        }
    }

    // Some of it zero, as what a segment begins with; some beyond the end.
    private static byte[] Written(SparseBytes sparse, byte[] plain, Random random)
    {
        byte[] bytes = new byte[random.Next(2 * Block)];
        if (random.Next(3) > 0)
            random.NextBytes(bytes);
        int offset = random.Next(plain.Length + Block);
        sparse.Write(offset, bytes);
        if (plain.Length < offset + bytes.Length)
            Array.Resize(ref plain, offset + bytes.Length);
        bytes.CopyTo(plain, offset);
        return plain;
    }
}
