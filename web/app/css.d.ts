/** Style sheets are imported for the bundle; on the server the import does nothing. */
declare module '*.css';
