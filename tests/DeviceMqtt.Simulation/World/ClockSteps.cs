namespace DeviceMqtt.Simulation.World;

/// <summary>The clock on the wall is put wrong, or right again.</summary>
internal static class ClockSteps
{
    /// <param name="world">Whose clock it is.</param>
    /// <param name="number">Says by how much: a day or ten years, forth or back, or not at all.</param>
    public static void Step(SimWorld world, int number)
    {
        world.Time.WallOffset = (number % 5) switch
        {
            0 => TimeSpan.Zero,
            1 => TimeSpan.FromDays(1),
            2 => TimeSpan.FromDays(-1),
            3 => TimeSpan.FromDays(3650),
            _ => TimeSpan.FromDays(-3650),
        };
        world.Tell($"the wall clock is {world.Time.WallOffset} wrong");
    }
}
