namespace DeviceMqtt.Device.Esp32
{
    /// <summary>The boards this firmware knows.</summary>
    internal static class AllBoards
    {
        /// <summary>One of each.</summary>
        internal static Board[] Make()
        {
            return new Board[] { new Esp32DevKitC(), new Esp32C3DevKitM(), new Huzzah32() };
        }

        /// <summary>Their names.</summary>
        internal static string[] Names()
        {
            Board[] boards = Make();
            string[] names = new string[boards.Length];
            for (int i = 0; i < boards.Length; i++)
            {
                names[i] = boards[i].Name;
            }

            return names;
        }

        /// <summary>The board of that name, or null.</summary>
        internal static Board? Find(string name)
        {
            Board[] boards = Make();
            for (int i = 0; i < boards.Length; i++)
            {
                if (boards[i].Name == name)
                {
                    return boards[i];
                }
            }

            return null;
        }
    }
}
