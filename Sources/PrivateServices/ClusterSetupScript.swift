/// What a new cluster gets: the owner of the tables, the role of the program, and the database.
///
/// The program's role owns nothing. Neither is a superuser or passes row-level security. Every step
/// can be repeated.
let clusterSetupScript = """
    do $$
    begin
        if not exists (select from pg_roles where rolname = '\(ClusterFiles.owner)') then
            create role \(ClusterFiles.owner)
                login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
        end if;
        if not exists (select from pg_roles where rolname = '\(ClusterFiles.application)') then
            create role \(ClusterFiles.application)
                login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
        end if;
    end
    $$;
    select 'create database \(ClusterFiles.database) owner \(ClusterFiles.owner) template template0'
    where not exists (select from pg_database where datname = '\(ClusterFiles.database)')
    \\gexec
    revoke all on database \(ClusterFiles.database) from public;
    grant connect, temporary on database \(ClusterFiles.database) to \(ClusterFiles.application);

    """
